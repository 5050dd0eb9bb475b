using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Muniment.Testing.Upstreams;

/// <summary>
/// OpenAI, Anthropic and an MCP server in one, and strict: what the real ones would refuse (a wrong credential, a malformed body, a missing field) or what must never reach them (a key of the
/// platform) is refused and remembered in <see cref="Refused"/>. Answers are plain or streamed as asked.
/// </summary>
public sealed class FakeUpstream : IAsyncDisposable
{
    /// <summary>The credential that it takes.</summary>
    public const string Key = "upstream-key-1";

    private readonly WebApplication _app;

    private FakeUpstream(WebApplication app) => _app = app;

    /// <summary>Base address, without a slash at the end.</summary>
    public string Address { get; private set; } = "";

    /// <summary>What it answers.</summary>
    public FakeAnswer Answer { get; set; } = new();

    /// <summary>Handles a request before anything else; true when it did.</summary>
    public Func<HttpContext, UpstreamRequest, Task<bool>>? Intercept { get; set; }

    /// <summary>Every request, in order.</summary>
    public ConcurrentQueue<UpstreamRequest> Requests { get; } = new();

    /// <summary>Why requests were refused.</summary>
    public ConcurrentQueue<string> Refused { get; } = new();

    /// <summary>Whether requests are remembered; not while they are counted by the hundred thousand.</summary>
    public bool Remembers { get; set; } = true;

    /// <summary>Whether it refuses what must never reach it; not where another gateway is looked at, which asks for compressed answers.</summary>
    public bool IsStrict { get; set; } = true;

    /// <summary>Listens on a free port.</summary>
    public static async Task<FakeUpstream> StartAsync(int port = 0)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Listen(IPAddress.Loopback, port, listen => listen.Protocols = HttpProtocols.Http1);
        });
        WebApplication app = builder.Build();
        var upstream = new FakeUpstream(app);
        app.Run(upstream.HandleAsync);
        await app.StartAsync();
        upstream.Address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return upstream;
    }

    /// <summary>The last request's body.</summary>
    public JsonElement LastBody => JsonDocument.Parse(Requests.Last().Body).RootElement;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task HandleAsync(HttpContext context)
    {
        using var buffer = new MemoryStream();
        await context.Request.Body.CopyToAsync(buffer, context.RequestAborted);
        var request = new UpstreamRequest(
            context.Request.Method, context.Request.Path.Value!, context.Request.QueryString.Value!, context.Request.Headers.ToDictionary(h => h.Key.ToLowerInvariant(), h => h.Value.ToString()), buffer.ToArray());
        if (Remembers)
        {
            Requests.Enqueue(request);
        }

        if (IsStrict && StrictRules.Refuse(request) is { } wrong)
        {
            Refused.Enqueue($"{request.Method} {request.Path}: {wrong}");
            context.Response.StatusCode = wrong.StartsWith("credential", StringComparison.Ordinal) ? 401 : 400;
            await JsonAsync(context, $"{{\"error\":{{\"message\":{JsonSerializer.Serialize(wrong)},\"type\":\"invalid_request_error\"}}}}");
            return;
        }

        if (Intercept is { } intercept && await intercept(context, request))
        {
            return;
        }

        await AnswerAsync(context, request);
    }

    private async Task AnswerAsync(HttpContext context, UpstreamRequest request)
    {
        FakeAnswer answer = Answer;
        if (answer.DelayMs > 0)
        {
            await Task.Delay(answer.DelayMs, context.RequestAborted);
        }

        context.Response.Headers["x-request-id"] = "req_upstream_1";
        string path = request.Path.StartsWith("/v1/", StringComparison.Ordinal) ? request.Path[4..] : request.Path.TrimStart('/');
        switch (request.Method, path)
        {
            case ("GET", "models"):
                await JsonAsync(context, """{"object":"list","data":[{"id":"gpt-4o","object":"model"},{"id":"gpt-3.5","object":"model"},{"id":"o3","object":"model"}]}""");
                return;
            case ("POST", "embeddings"):
                await JsonAsync(context, """{"object":"list","model":"embed-1","data":[{"object":"embedding","index":0,"embedding":[0.1234567890,-0.5]}],"usage":{"prompt_tokens":7,"total_tokens":7}}""");
                return;
            case ("POST", "messages/count_tokens"):
                await JsonAsync(context, """{"input_tokens":42}""");
                return;
            case ("POST", "files"):
                await JsonAsync(context, """{"id":"file_1","object":"file","bytes":10,"filename":"batch.jsonl","purpose":"batch"}""");
                return;
            case ("POST", "batches"):
                await JsonAsync(context, """{"id":"batch_1","object":"batch","input_file_id":"file_1","status":"validating"}""");
                return;
            case ("POST", "messages/batches"):
                await JsonAsync(context, """{"id":"msgbatch_1","type":"message_batch","processing_status":"in_progress"}""");
                return;
            case ("GET", _) when path.StartsWith("files/", StringComparison.Ordinal) || path.EndsWith("/results", StringComparison.Ordinal):
                context.Response.ContentType = "application/x-jsonl";
                await context.Response.WriteAsync($"{{\"custom_id\":\"a\",\"text\":{JsonSerializer.Serialize(answer.Text)}}}\n{{\"custom_id\":\"b\"}}\n", context.RequestAborted);
                return;
            case ("GET", _) when path.StartsWith("responses/", StringComparison.Ordinal):
                await JsonAsync(context, ResponsesWire.Plain(answer, "o3"));
                return;
            default:
                break;
        }

        if (path is not ("chat/completions" or "completions" or "responses" or "messages"))
        {
            context.Response.ContentType = "application/octet-stream";
            await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes("raw " + answer.Text), context.RequestAborted);
            return;
        }

        using JsonDocument body = JsonDocument.Parse(request.Body);
        JsonElement root = body.RootElement;
        string model = root.TryGetProperty("model", out JsonElement named) ? named.GetString()! : "";
        bool streamed = root.TryGetProperty("stream", out JsonElement stream) && stream.ValueKind is JsonValueKind.True;
        int choices = root.TryGetProperty("n", out JsonElement n) ? n.GetInt32() : 1;
        bool usage = root.TryGetProperty("stream_options", out JsonElement options) && options.ValueKind is JsonValueKind.Object && options.TryGetProperty("include_usage", out JsonElement asked) && asked.ValueKind is JsonValueKind.True;
        if (!streamed)
        {
            await JsonAsync(context, path switch
            {
                "responses" => ResponsesWire.Plain(answer, model),
                "messages" => MessagesWire.Plain(answer, model),
                _ => ChatWire.Plain(answer, model, choices, legacy: path is "completions"),
            });
            return;
        }

        context.Response.ContentType = "text/event-stream; charset=utf-8";
        IEnumerable<string> frames = path switch
        {
            "responses" => ResponsesWire.Frames(answer, model),
            "messages" => MessagesWire.Frames(answer, model),
            _ => ChatWire.Frames(answer, model, choices, usage, legacy: path is "completions"),
        };
        int sent = 0;
        foreach (string frame in frames)
        {
            if (answer.AbortAfterFrames == sent)
            {
                context.Abort();
                return;
            }

            if (answer.HangAfterFrames == sent)
            {
                await Task.Delay(Timeout.Infinite, context.RequestAborted);
            }

            if (answer.WaitBeforeFrame is var (frameNumber, what) && frameNumber == sent)
            {
                await what.WaitAsync(context.RequestAborted);
            }

            if (answer.FrameDelayMs > 0 && sent > 0)
            {
                await Task.Delay(answer.FrameDelayMs, context.RequestAborted);
            }

            await context.Response.WriteAsync(answer.CorruptFrame == sent ? answer.Corruption : frame, context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            sent++;
        }
    }

    private static async Task JsonAsync(HttpContext context, string json)
    {
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = Encoding.UTF8.GetByteCount(json);
        await context.Response.WriteAsync(json, context.RequestAborted);
    }
}
