using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Muniment.Delivery.Tests.Kinds;

/// <summary>
/// A destination that reads requests with other code than the product's and refuses what the real one would refuse, naming the rule. Hosted on Kestrel by
/// <see cref="StartAsync"/>, or asked directly through <see cref="Answer"/>.
/// </summary>
internal abstract class StrictServer : IAsyncDisposable
{
    private readonly ConcurrentQueue<Func<WireRequest, WireAnswer?>> _script = [];
    private readonly Lock _taking = new(); // what was given up may still be read when it is sent again
    private WebApplication? _app;

    /// <summary>Why requests were refused.</summary>
    public ConcurrentQueue<string> Refusals { get; } = [];

    /// <summary>Events that were taken: id and bytes.</summary>
    public ConcurrentQueue<(string Id, string Json)> Taken { get; } = [];

    public ConcurrentQueue<WireRequest> Requests { get; } = []; // deliveries only

    /// <summary>Ids that are refused for good.</summary>
    public ConcurrentDictionary<string, byte> Poison { get; set; } = [];

    /// <summary>Decides about the credential that came, in the place of the server's own comparison.</summary>
    public Func<string?, bool>? Accepts { get; set; }

    /// <summary>True when part of this request is to be refused, in the kind's way.</summary>
    public Func<bool> TakePartial { get; set; } = () => false;

    /// <summary>Hears of every event that is taken.</summary>
    public Action<string, string> Heard { get; set; } = (_, _) => { };

    public TimeProvider Time { get; set; } = TimeProvider.System;

    public Uri Address => new(_app!.Urls.First());

    /// <summary>What to do with the next request instead; null lets it be answered.</summary>
    public void Then(Func<WireRequest, WireAnswer?> script) => _script.Enqueue(script);

    public void Then(int status, string body = "", string type = "application/json", string? retryAfter = null) => Then(_ => new WireAnswer(status, body, type, retryAfter));

    public async Task StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k => { k.Listen(IPAddress.Loopback, 0); k.Limits.MaxRequestBodySize = null; k.Limits.MinRequestBodyDataRate = null; k.Limits.MinResponseDataRate = null; });
        _app = builder.Build();
        _app.Run(ServeAsync);
        await _app.StartAsync();
    }

    /// <summary>Reads and answers one request.</summary>
    public WireAnswer Answer(WireRequest request)
    {
        try
        {
            lock (_taking)
            {
                return Take(request);
            }
        }
        catch (Refused refused)
        {
            Refusals.Enqueue(refused.Message);
            return refused.Answer;
        }
        catch (Exception exception) when (exception is System.Text.Json.JsonException or KeyNotFoundException or InvalidOperationException or FormatException or InvalidDataException)
        {
            Refusals.Enqueue("unreadable: " + exception.Message);
            return new WireAnswer(400);
        }
    }

    public ValueTask DisposeAsync() => _app?.DisposeAsync() ?? ValueTask.CompletedTask;

    protected abstract WireAnswer Take(WireRequest request);

    /// <summary>Requests that are not deliveries are not scripted.</summary>
    public virtual bool IsDelivery(WireRequest request) => true;

    protected bool Knows(string? credential, string expected) => Accepts?.Invoke(credential) ?? credential == expected;

    protected void Keep(string id, string json)
    {
        Taken.Enqueue((id, json));
        Heard(id, json);
    }

    protected static void Must(bool holds, int status, string why, string body = "")
    {
        if (!holds)
        {
            throw new Refused(new WireAnswer(status, body), why);
        }
    }

    private async Task ServeAsync(HttpContext context)
    {
        using MemoryStream body = new();
        await context.Request.Body.CopyToAsync(body);
        WireRequest request = new(
            context.Request.Method, context.Request.Path.Value!, context.Request.QueryString.Value ?? "",
            context.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase), body.ToArray());
        WireAnswer? answer = null;
        if (IsDelivery(request))
        {
            Requests.Enqueue(request);
            answer = _script.TryDequeue(out Func<WireRequest, WireAnswer?>? script) ? script(request) : null;
        }

        answer ??= Answer(request);
        if (answer.Status == 0)
        {
            context.Abort();
            return;
        }

        context.Response.StatusCode = answer.Status;
        if (answer.RetryAfter is not null)
        {
            context.Response.Headers.RetryAfter = answer.RetryAfter;
        }

        byte[] bytes = answer.Bytes ?? System.Text.Encoding.UTF8.GetBytes(answer.Body);
        if (answer.Status != 204)
        {
            context.Response.ContentType = answer.Type;
            await context.Response.Body.WriteAsync(bytes);
        }
    }
}

/// <summary>A request that the real destination would refuse.</summary>
internal sealed class Refused(WireAnswer answer, string why) : Exception(why)
{
    public WireAnswer Answer { get; } = answer;
}
