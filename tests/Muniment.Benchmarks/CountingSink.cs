using System.Buffers;
using System.IO.Compression;
using System.IO.Pipelines;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace Muniment.Benchmarks;

/// <summary>
/// The receiver of both contestants, as a process of its own: reads (and inflates) each body, counts a marker that every event has once, and answers as a HEC
/// does. Prints the count and the clock on demand.
/// </summary>
internal static class CountingSink
{
    public const string Marker = "drain-marker";
    private static long count;
    private static long firstTicks;

    public static async Task RunAsync(int port)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k =>
        {
            k.Listen(IPAddress.Loopback, port);
            k.Limits.MaxRequestBodySize = 64 << 20;
        });
        WebApplication app = builder.Build();
        byte[] answer = Encoding.ASCII.GetBytes("""{"text":"Success","code":0}""");
        app.Run(async context =>
        {
            Interlocked.CompareExchange(ref firstTicks, Environment.TickCount64, 0);
            Stream body = context.Request.Headers.ContentEncoding == "gzip" ? new GZipStream(context.Request.Body, CompressionMode.Decompress) : context.Request.Body;
            Interlocked.Add(ref count, await CountAsync(body));
            context.Response.ContentType = "application/json";
            context.Response.ContentLength = answer.Length;
            await context.Response.Body.WriteAsync(answer);
        });
        await app.StartAsync();
        Console.WriteLine("ready");
        while (await Console.In.ReadLineAsync() is not null)
        {
            Console.WriteLine($"{Interlocked.Read(ref count)} {Environment.TickCount64 - Interlocked.Read(ref firstTicks)}");
        }
    }

    private static async Task<long> CountAsync(Stream body)
    {
        byte[] marker = Encoding.ASCII.GetBytes(Marker);
        PipeReader reader = PipeReader.Create(body, new StreamPipeReaderOptions(bufferSize: 1 << 16));
        long found = 0;
        while (true)
        {
            ReadResult read = await reader.ReadAsync();
            ReadOnlySequence<byte> rest = read.Buffer;
            found += Count(ref rest, marker);
            SequencePosition keep = rest.Length >= marker.Length ? rest.GetPosition(rest.Length - marker.Length + 1) : rest.Start;
            reader.AdvanceTo(keep, read.Buffer.End);
            if (read.IsCompleted)
            {
                return found;
            }
        }
    }

    private static long Count(ref ReadOnlySequence<byte> rest, byte[] marker)
    {
        var reader = new SequenceReader<byte>(rest);
        long found = 0;
        while (reader.TryReadTo(out ReadOnlySequence<byte> _, marker))
        {
            found++;
        }

        rest = rest.Slice(reader.Position);
        return found;
    }
}
