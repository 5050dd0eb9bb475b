using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;

namespace Muniment.Benchmarks;

/// <summary>OTLP/gRPC over cleartext HTTP/2 with HttpClient, four requests in flight.</summary>
internal static class GrpcLoad
{
    public static async Task<double> RunAsync(Uri target, string key, IReadOnlyList<byte[]> bodies, int eventsPerBody, TimeSpan duration)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false, InitialHttp2StreamWindowSize = 1 << 20 });
        long events = 0;
        long unique = Random.Shared.NextInt64(1L << 31);
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(lane => Task.Run(async () =>
        {
            for (int i = lane; watch.Elapsed < duration; i += 4)
            {
                byte[] body = bodies[i % bodies.Count];
                int at = body.AsSpan().IndexOf("session.id\u0012\u0026\u000a\u0024"u8) + 14;
                Interlocked.Increment(ref unique).ToString("x16").AsSpan(8).ToArray().Select(c => (byte)c).ToArray().CopyTo(body, at);
                byte[] frame = new byte[body.Length + 5];
                BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(1), (uint)body.Length);
                body.CopyTo(frame, 5);
                using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(target, "opentelemetry.proto.collector.logs.v1.LogsService/Export"))
                {
                    Version = HttpVersion.Version20,
                    VersionPolicy = HttpVersionPolicy.RequestVersionExact,
                    Content = new ByteArrayContent(frame),
                };
                request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
                request.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
                using HttpResponseMessage response = await client.SendAsync(request);
                await response.Content.ReadAsByteArrayAsync();
                string status = response.TrailingHeaders.TryGetValues("grpc-status", out IEnumerable<string>? values) || response.Headers.TryGetValues("grpc-status", out values) ? values.First() : "none";
                if (status == "0")
                {
                    Interlocked.Add(ref events, eventsPerBody);
                }
                else if (status is not ("8" or "14"))
                {
                    throw new InvalidOperationException($"grpc-status {status}");
                }
            }
        })));
        return events / watch.Elapsed.TotalSeconds;
    }
}
