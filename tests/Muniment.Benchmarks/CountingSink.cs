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
/// does. Prints the count, the clock and the bytes of all bodies on demand.
/// </summary>
internal static class CountingSink
{
    public const string Marker = "drain-marker";
    private const int WarmUpRequests = 400;
    private static long count;
    private static long firstTicks;
    private static long bytes;

    public static async Task RunAsync(int port)
    {
        // Warmed up behind another door: a contestant who tries again and again would otherwise begin meanwhile.
        await using (WebApplication rehearsal = Create(0))
        {
            await rehearsal.StartAsync();
            await WarmUpAsync(new Uri(rehearsal.Urls.Single()));
            await rehearsal.StopAsync();
        }

        (count, firstTicks, bytes) = (0, 0, 0);
        await using WebApplication app = Create(port);
        await app.StartAsync();
        Console.WriteLine("ready");
        while (await Console.In.ReadLineAsync() is not null)
        {
            Console.WriteLine($"{Interlocked.Read(ref count)} {Environment.TickCount64 - Interlocked.Read(ref firstTicks)} {Interlocked.Read(ref bytes)}");
        }
    }

    private static WebApplication Create(int port)
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
            bool packed = context.Request.Headers.ContentEncoding == "gzip";
            PipeReader body = packed ? PipeReader.Create(new GZipStream(context.Request.Body, CompressionMode.Decompress), new StreamPipeReaderOptions(bufferSize: 1 << 16)) : context.Request.BodyReader;
            Interlocked.Add(ref count, await CountAsync(body));
            context.Response.ContentType = "application/json";
            context.Response.ContentLength = answer.Length;
            await context.Response.Body.WriteAsync(answer);
        });
        return app;
    }

    /// <summary>Takes some requests from itself, so that what the contestants are measured with is compiled before either of them sends.</summary>
    private static async Task WarmUpAsync(Uri address)
    {
        using HttpClient client = new();
        byte[] body = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(Marker + new string('x', 600) + "\n", 1500)));
        for (int i = 0; i < WarmUpRequests; i++)
        {
            using ByteArrayContent content = new(body);
            using HttpResponseMessage response = await client.PostAsync(address, content);
            response.EnsureSuccessStatusCode();
            await Task.Delay(i % 50 == 0 ? 100 : 0); // compiling happens between
        }
    }

    private static async Task<long> CountAsync(PipeReader reader)
    {
        Finder finder = new();
        while (true)
        {
            ReadResult read = await reader.ReadAsync();
            foreach (ReadOnlyMemory<byte> piece in read.Buffer)
            {
                finder.Add(piece.Span);
            }

            Interlocked.Add(ref bytes, read.Buffer.Length);
            reader.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                return finder.Found;
            }
        }
    }

    /// <summary>Counts the marker in a text that comes in pieces.</summary>
    private sealed class Finder
    {
        private static readonly byte[] _marker = Encoding.ASCII.GetBytes(Marker);
        private readonly byte[] _seam = new byte[2 * (Marker.Length - 1)];
        private int _kept; // bytes at the end of the last piece in which a marker may begin

        public long Found { get; private set; }

        public void Add(ReadOnlySpan<byte> piece)
        {
            if (piece.IsEmpty)
            {
                return;
            }

            int taken = Math.Min(piece.Length, Marker.Length - 1);
            piece[..taken].CopyTo(_seam.AsSpan(_kept));
            int at = _seam.AsSpan(0, _kept + taken).IndexOf(_marker);
            if (at >= 0)
            {
                piece = piece[(at + Marker.Length - _kept)..];
                (_kept, taken) = (0, 0);
                Found++;
            }

            while ((at = piece.IndexOf(_marker)) >= 0)
            {
                piece = piece[(at + Marker.Length)..];
                (_kept, taken) = (0, 0);
                Found++;
            }

            if (piece.Length >= Marker.Length - 1)
            {
                piece[^(Marker.Length - 1)..].CopyTo(_seam);
                _kept = Marker.Length - 1;
                return;
            }

            if (taken == 0)
            {
                piece.CopyTo(_seam);
                _kept = piece.Length;
                return;
            }

            // A short piece behind a short rest: the seam holds both.
            int all = _kept + piece.Length, more = Math.Max(0, all - (Marker.Length - 1));
            _seam.AsSpan(more, all - more).CopyTo(_seam);
            _kept = all - more;
        }
    }
}
