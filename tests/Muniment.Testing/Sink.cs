using System.IO.Compression;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Muniment.Testing;

/// <summary>An HTTP receiver on a free loopback port that hands each decoded request to one function. The base of the strict sinks.</summary>
public sealed class Sink : IAsyncDisposable
{
    private const long MaxBodyBytes = 64L << 20;
    private readonly WebApplication app;

    private Sink(WebApplication app) => this.app = app;

    /// <summary>Base address, without a slash at the end.</summary>
    public string Address { get; private set; } = "";

    /// <summary>Listens; <paramref name="answer"/> runs for each request, possibly several at once.</summary>
    public static async Task<Sink> StartAsync(Func<SinkRequest, CancellationToken, Task<SinkAnswer>> answer, int port = 0)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k =>
        {
            k.Listen(IPAddress.Loopback, port);
            k.Limits.MaxRequestBodySize = MaxBodyBytes;
            k.Limits.MinRequestBodyDataRate = null;
            k.Limits.MinResponseDataRate = null;
        });
        WebApplication app = builder.Build();
        app.Run(async context =>
        {
            byte[] body = await ReadAsync(context.Request, context.RequestAborted);
            var headers = context.Request.Headers.ToDictionary(h => h.Key.ToLowerInvariant(), h => h.Value.ToString());
            SinkAnswer result = await answer(new SinkRequest(context.Request.Path + context.Request.QueryString, headers, body), context.RequestAborted);
            context.Response.StatusCode = result.Status;
            if (result.RetryAfter is not null)
            {
                context.Response.Headers.RetryAfter = result.RetryAfter;
            }

            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync(result.Body, context.RequestAborted);
        });
        await app.StartAsync();
        var sink = new Sink(app);
        sink.Address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return sink;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await app.DisposeAsync();

    private static async Task<byte[]> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        using var buffer = new MemoryStream();
        if (request.Headers.ContentEncoding == "gzip")
        {
            await using var inflater = new GZipStream(request.Body, CompressionMode.Decompress);
            await inflater.CopyToAsync(buffer, cancellationToken);
        }
        else
        {
            await request.Body.CopyToAsync(buffer, cancellationToken);
        }

        return buffer.ToArray();
    }
}
