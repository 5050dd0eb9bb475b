using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Muniment.Delivery.Tests.Fakes;

/// <summary>A strict collector on Kestrel: it parses every envelope, knows one token, and does what the test says with each request.</summary>
internal sealed class FakeHec : IAsyncDisposable
{
    private static readonly string[] EnvelopeMembers = ["time", "host", "source", "sourcetype", "index", "event", "fields"];
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<Func<HttpContext, IReadOnlyList<JsonElement>, Task<bool>>> _faults = [];
    private readonly Lock _lock = new();
    private long _acks;

    private FakeHec(WebApplication app) => _app = app;

    public List<JsonElement> Events { get; } = [];
    public List<string> Wrong { get; } = [];
    public int Requests { get; private set; }
    public string Token { get; set; } = "t";
    public HashSet<string> Poison { get; } = [];
    public bool NamesPoison { get; set; } = true;
    public int MaxBytes { get; set; } = int.MaxValue;
    public bool Ack { get; set; }
    public int PollsBeforeAck { get; set; }
    public Uri Address => new(_app.Urls.First());

    public static async Task<FakeHec> StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k => { k.Listen(IPAddress.Loopback, 0); k.Limits.MaxRequestBodySize = null; k.Limits.MinRequestBodyDataRate = null; k.Limits.MinResponseDataRate = null; });
        WebApplication app = builder.Build();
        FakeHec hec = new(app);
        app.MapPost("/services/collector/event", hec.TakeAsync);
        app.MapPost("/services/collector/ack", hec.AcksAsync);
        await app.StartAsync();
        return hec;
    }

    /// <summary>What to do with the next request; true when it answered.</summary>
    public FakeHec Then(Func<HttpContext, IReadOnlyList<JsonElement>, Task<bool>> fault)
    {
        _faults.Enqueue(fault);
        return this;
    }

    public FakeHec Then(int status, string body, params (string Name, string Value)[] headers) => Then(async (context, _) =>
    {
        context.Response.StatusCode = status;
        foreach ((string name, string value) in headers)
        {
            context.Response.Headers[name] = value;
        }

        await context.Response.WriteAsync(body);
        return true;
    });

    public JsonElement[] Snapshot()
    {
        lock (_lock)
        {
            return [.. Events];
        }
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task TakeAsync(HttpContext context)
    {
        using MemoryStream body = new();
        await context.Request.Body.CopyToAsync(body);
        List<JsonElement> events = Parse(body.ToArray());
        lock (_lock)
        {
            Requests++;
        }

        if (_faults.TryDequeue(out Func<HttpContext, IReadOnlyList<JsonElement>, Task<bool>>? fault) && await fault(context, events))
        {
            return;
        }

        if (context.Request.Headers.Authorization != "Splunk " + Token)
        {
            await AnswerAsync(context, 403, """{"text":"Invalid token","code":4}""");
            return;
        }

        if (body.Length > MaxBytes)
        {
            await AnswerAsync(context, 413, "");
            return;
        }

        int bad = events.FindIndex(e => Poison.Contains(e.GetProperty("event").GetProperty("id").GetString()!));
        if (bad >= 0)
        {
            await AnswerAsync(context, 400, NamesPoison ? $$"""{"text":"Invalid data format","code":6,"invalid-event-number":{{bad}}}""" : """{"text":"Invalid data format","code":6}""");
            return;
        }

        if (Ack && !context.Request.Headers.ContainsKey("X-Splunk-Request-Channel"))
        {
            await AnswerAsync(context, 400, """{"text":"Data channel is missing","code":10}""");
            return;
        }

        lock (_lock)
        {
            Events.AddRange(events);
        }

        await AnswerAsync(context, 200, Ack ? $$"""{"text":"Success","code":0,"ackId":{{Interlocked.Increment(ref _acks) - 1}}}""" : """{"text":"Success","code":0}""");
    }

    private async Task AcksAsync(HttpContext context)
    {
        JsonElement question = await JsonSerializer.DeserializeAsync<JsonElement>(context.Request.Body);
        bool acked = PollsBeforeAck-- <= 0;
        string answer = string.Join(",", question.GetProperty("acks").EnumerateArray().Select(a => $"\"{a.GetInt64()}\":{(acked ? "true" : "false")}"));
        await AnswerAsync(context, context.Request.Query.ContainsKey("channel") ? 200 : 400, $"{{\"acks\":{{{answer}}}}}");
    }

    private static Task AnswerAsync(HttpContext context, int status, string body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(body);
    }

    private List<JsonElement> Parse(byte[] body)
    {
        List<JsonElement> events = [];
        foreach (string line in Encoding.UTF8.GetString(body).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            using JsonDocument document = JsonDocument.Parse(line);
            JsonElement envelope = document.RootElement.Clone();
            foreach (JsonProperty member in envelope.EnumerateObject())
            {
                if (!EnvelopeMembers.Contains(member.Name) || (member.Name == "fields" && member.Value.EnumerateObject().Any(f => f.Value.ValueKind is JsonValueKind.Object)))
                {
                    Wrong.Add(line);
                }
            }

            events.Add(envelope);
        }

        return events;
    }
}
