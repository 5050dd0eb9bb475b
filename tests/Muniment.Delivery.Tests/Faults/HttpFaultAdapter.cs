using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Muniment.Delivery.Tests.Faults;

/// <summary>A strict fake on Kestrel. Plays every fault that is about connections and statuses by itself; the derived class reads requests and answers as the real server would.</summary>
internal abstract class HttpFaultAdapter : FaultAdapter
{
    private WebApplication? _app;
    private int _requests;
    private long _largestBytes;

    /// <summary>HTTP versions that are spoken.</summary>
    protected virtual HttpProtocols Protocols => HttpProtocols.Http1;

    /// <summary>Whether a request delivers events; faults do not touch others (tokens, acknowledgements).</summary>
    protected virtual bool IsDelivery(HttpContext context) => true;

    /// <summary>Reads one request strictly and answers it.</summary>
    /// <param name="context">The request; its body was read already.</param>
    /// <param name="body">The body, inflated.</param>
    protected abstract Task AnswerAsync(HttpContext context, byte[] body);

    /// <summary>Says "too fast".</summary>
    protected virtual Task ThrottleAsync(HttpContext context, string retryAfter)
    {
        context.Response.Headers.RetryAfter = retryAfter;
        return StatusAsync(context, 429);
    }

    /// <summary>Says "not now".</summary>
    protected virtual Task FailAsync(HttpContext context) => StatusAsync(context, 500);

    /// <summary>Says "too large".</summary>
    protected virtual Task TooLargeAsync(HttpContext context) => StatusAsync(context, 413);

    /// <summary>A status with a short text.</summary>
    protected static Task StatusAsync(HttpContext context, int status, string body = "", string type = "application/json")
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = type;
        return context.Response.WriteAsync(body);
    }

    /// <inheritdoc/>
    public override async Task ListenAsync(Func<X509Certificate2>? certificate)
    {
        System.Net.Sockets.Socket socket = TakeSocket();
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k =>
        {
            k.Limits.MaxRequestBodySize = null;
            k.Limits.MinRequestBodyDataRate = null; // a machine that stands still is not a fault of the table
            k.Limits.MinResponseDataRate = null;
            k.ListenHandle((ulong)socket.SafeHandle.DangerousGetHandle(), listen =>
            {
                listen.Protocols = Protocols;
                if (certificate is not null)
                {
                    listen.UseHttps(https => https.ServerCertificateSelector = (_, _) => certificate());
                }
            });
        });
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.UseShutdownTimeout(TimeSpan.FromMilliseconds(50));
        _app = builder.Build();
        _app.Run(ServeAsync);
        await _app.StartAsync();
        socket.SafeHandle.SetHandleAsInvalid(); // the server owns the descriptor now
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        Heal();
        if (_app is not null)
        {
            await _app.DisposeAsync();
        }

        await base.DisposeAsync();
    }

    private async Task ServeAsync(HttpContext context)
    {
        byte[] body = await ReadAsync(context);
        if (context.Request.Path.StartsWithSegments("/elsewhere"))
        {
            Wrong.Enqueue("a redirect was followed");
        }

        if (!IsDelivery(context))
        {
            await GuardedAsync(context, body);
            return;
        }

        RequestTimes.Enqueue(Time.GetUtcNow());
        int number = Interlocked.Increment(ref _requests);
        switch (Current)
        {
            case Fault.Reset:
                context.Abort();
                return;
            case Fault.ResetAfterTaken:
                context.Response.Body = Stream.Null; // taken, and not a byte of the answer goes out
                await GuardedAsync(context, body);
                context.Abort();
                return;
            case Fault.BlackHole:
                context.Response.Body = Stream.Null;
                await GuardedAsync(context, body);
                Hang();
                await ForeverAsync(context);
                return;
            case Fault.SlowAnswer:
                await Task.Delay(100);
                break;
            case Fault.RetryAfterSeconds:
                Heal();
                await ThrottleAsync(context, FaultTable.RetryAfter.TotalSeconds.ToString(CultureInfo.InvariantCulture));
                return;
            case Fault.RetryAfterDate:
                Heal();
                await ThrottleAsync(context, (Time.GetUtcNow() + FaultTable.RetryAfter).ToString("R", CultureInfo.InvariantCulture));
                return;
            case Fault.ServerErrors:
                await FailAsync(context);
                return;
            case Fault.TooLarge or Fault.TooLargeAlone:
                Interlocked.CompareExchange(ref _largestBytes, Current == Fault.TooLarge ? body.Length / 3 : FaultTable.LargestAloneBytes, 0);
                if (body.Length > _largestBytes)
                {
                    await TooLargeAsync(context);
                    return;
                }

                break;
            case Fault.Redirect:
                context.Response.Headers.Location = $"http://127.0.0.1:{Port}/elsewhere";
                await StatusAsync(context, 307);
                return;
            case Fault.EndlessAnswer:
                await EndlessAsync(context);
                return;
            case Fault.HugeAnswer:
                await HugeAsync(context);
                return;
            case Fault.FlipFlop when number % 3 != 0:
                if (number % 3 == 1)
                {
                    await StatusAsync(context, 503);
                }
                else
                {
                    context.Abort();
                }

                return;
        }

        await GuardedAsync(context, body);
    }

    private async Task GuardedAsync(HttpContext context, byte[] body)
    {
        try
        {
            await AnswerAsync(context, body);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            Wrong.Enqueue("the fake could not read a request: " + exception);
            context.Abort();
        }
    }

    private static async Task<byte[]> ReadAsync(HttpContext context)
    {
        using MemoryStream body = new();
        Stream source = context.Request.Headers.ContentEncoding == "gzip" ? new GZipStream(context.Request.Body, CompressionMode.Decompress) : context.Request.Body;
        await source.CopyToAsync(body);
        return body.ToArray();
    }

    private static async Task ForeverAsync(HttpContext context)
    {
        try
        {
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        }
        catch (OperationCanceledException)
        {
            context.Abort();
        }
    }

    private async Task EndlessAsync(HttpContext context)
    {
        context.Response.StatusCode = 200;
        context.Response.ContentType = "application/json";
        try
        {
            for (int written = 0; !context.RequestAborted.IsCancellationRequested; written++)
            {
                await context.Response.WriteAsync(" ", context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
                if (written == 10)
                {
                    Hang();
                }

                await Task.Delay(10, context.RequestAborted);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            context.Abort();
        }
    }

    private static async Task HugeAsync(HttpContext context)
    {
        context.Response.StatusCode = 503;
        byte[] chunk = new byte[1 << 18];
        try
        {
            for (int i = 0; i < 64; i++)
            {
                await context.Response.Body.WriteAsync(chunk, context.RequestAborted);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            context.Abort();
        }
    }
}
