using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Muniment.Cli.Tests;

/// <summary>Answers what a test says, by method and path, and keeps what was asked.</summary>
internal sealed class FakeApi : IAsyncDisposable
{
    public const string Key = "mk_test";

    private readonly ConcurrentDictionary<string, (int Status, string Body)> _answers = new(StringComparer.Ordinal);
    private readonly WebApplication _app;

    private FakeApi(WebApplication app) => _app = app;

    public string Url => _app.Urls.First();

    public ConcurrentQueue<(string Call, string Query, string Type, string Body)> Requests { get; } = [];

    public static async Task<FakeApi> StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0));
        WebApplication app = builder.Build();
        FakeApi api = new(app);
        app.Run(api.AnswerAsync);
        await app.StartAsync();
        return api;
    }

    public FakeApi On(string call, int status, string body)
    {
        _answers[call] = (status, body);
        return this;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        string call = $"{context.Request.Method} {context.Request.Path}";
        using StreamReader reader = new(context.Request.Body);
        Requests.Enqueue((call, context.Request.QueryString.Value ?? "", context.Request.ContentType ?? "", await reader.ReadToEndAsync()));
        (int status, string body) = context.Request.Headers.Authorization != "Bearer " + Key ? (401, """{"title":"Unauthorized","detail":"the key is not known"}""")
            : _answers.TryGetValue(call, out (int, string) answer) ? answer : (404, """{"title":"Not found","detail":"no such thing"}""");
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(body);
    }
}
