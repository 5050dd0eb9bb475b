using System.Diagnostics;
using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Muniment.Delivery.Running;
using Muniment.Delivery.Tests.Fakes;

namespace Muniment.Delivery.Tests.Kinds.S3;

/// <summary>
/// Objects in npm's <c>s3rver</c>, a smoke test only: it checks neither secrets nor conditions (docs/siem/s3.md). S3RVER names the folder in which it was installed
/// (npm i s3rver).
/// </summary>
public sealed class RealStoreTests
{
    [SkippableFact]
    public async Task Another_store_takes_the_objects()
    {
        string? folder = Environment.GetEnvironmentVariable("S3RVER");
        string program = Path.Combine(folder ?? "", "node_modules", ".bin", "s3rver");
        Skip.If(folder is null || !File.Exists(program), "S3RVER does not name a folder with the npm package s3rver");
        string data = Directory.CreateTempSubdirectory("muniment-s3-").FullName;
        int port = FreePort();
        using Process store = Process.Start(new ProcessStartInfo(program, ["-d", data, "-a", "127.0.0.1", "-p", port.ToString(System.Globalization.CultureInfo.InvariantCulture), "--configure-bucket", "audit-log", "--silent"]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        try
        {
            await ListensAsync(port, store);
            FakeSource source = new() { BlockSize = 100 };
            source.Add(250);
            DestinationStatus status = await KindBench.DeliverAsync(
                $$$"""{"id":"d","kind":"s3","endpoint":"http://127.0.0.1:{{{port}}}","credential":{"access_key_id":"S3RVER","secret_access_key":"S3RVER"},"options":{"bucket":"audit-log","prefix":"x"},"batch":{"max_events":100,"max_age_ms":0}}""", source);
            Assert.Equal((250, 0), (status.Delivered, status.DeadLetters));
            List<long> numbers = [];
            foreach (string file in Directory.EnumerateFiles(data, "d-*_object", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
            {
                using StreamReader lines = new(new GZipStream(File.OpenRead(file), CompressionMode.Decompress));
                while (await lines.ReadLineAsync() is { } line)
                {
                    numbers.Add(JsonSerializer.Deserialize<JsonElement>(line).GetProperty("muniment").GetProperty("n").GetInt64());
                }
            }

            Assert.Equal(Enumerable.Range(0, 250).Select(i => (long)i), numbers);
        }
        finally
        {
            store.Kill(entireProcessTree: true);
            await store.WaitForExitAsync();
            Directory.Delete(data, recursive: true);
        }
    }

    private static async Task ListensAsync(int port, Process store)
    {
        long started = Stopwatch.GetTimestamp();
        while (true)
        {
            using TcpClient probe = new();
            try
            {
                await probe.ConnectAsync(IPAddress.Loopback, port);
                return;
            }
            catch (SocketException)
            {
                Assert.True(!store.HasExited && Stopwatch.GetElapsedTime(started) < Fixtures.Patience, "s3rver did not come up");
                await Task.Delay(50);
            }
        }
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
