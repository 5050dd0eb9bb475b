using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Muniment.Benchmarks;

/// <summary>
/// Posts bodies over HTTP/1.1 on raw sockets, one request in flight a connection, because the generator shares the machine with what it measures.
/// With a pace, a connection begins no request sooner than that after the one before. Every body is made different from all before it (trace ids are overwritten in place), else the platform would rightly store it once.
/// </summary>
internal sealed class RawLoad(IReadOnlyList<byte[]> bodies, int eventsPerBody, int connections, string path, string contentType, TimeSpan pace = default)
{
    /// <summary>How long a connection waits after a 429 or 503.</summary>
    public int PauseAfterRefusalMs { get; init; } = 20;

    private readonly List<Spot>[] patches = [.. bodies.Select(FindSpots)];
    private readonly List<string> correlations = [];
    private readonly long counter = Random.Shared.NextInt64(1L << 30);
    private readonly int[] rounds = new int[bodies.Count];

    /// <summary>Sends for a while; gives events a second and latencies.</summary>
    public LoadResult Run(Uri target, string? key, TimeSpan duration, long maxEvents = long.MaxValue)
    {
        var latencies = new List<double>[connections];
        long events = 0;
        int refused = 0;
        var watch = Stopwatch.StartNew();
        Thread[] threads = [.. Enumerable.Range(0, connections).Select(c => new Thread(() =>
        {
            latencies[c] = [];
            using Socket socket = Connect(target);
            byte[] answer = new byte[16 * 1024];
            for (int i = c; watch.Elapsed < duration && Interlocked.Read(ref events) < maxEvents; i += connections)
            {
                // Each connection owns its bodies, so that patching needs no copy.
                int index = i % bodies.Count;
                byte[] body = bodies[index];
                Patch(body, patches[index], index);
                byte[] head = Head(target, key, body.Length);
                long started = Stopwatch.GetTimestamp();
                SendAll(socket, head);
                SendAll(socket, body);
                int status = ReadAnswer(socket, answer);
                TimeSpan took = Stopwatch.GetElapsedTime(started);
                latencies[c].Add(took.TotalMilliseconds);
                if (took < pace)
                {
                    Thread.Sleep(pace - took);
                }

                if (status is 200 or 202)
                {
                    Interlocked.Add(ref events, eventsPerBody);
                }
                else if (status is 429 or 503)
                {
                    Interlocked.Increment(ref refused);
                    Thread.Sleep(PauseAfterRefusalMs);
                }
                else
                {
                    throw new InvalidOperationException($"{path} answered {status}: {Encoding.UTF8.GetString(answer, 0, Math.Min(answer.Length, 500))}");
                }
            }
        }))];
        foreach (Thread thread in threads)
        {
            thread.Start();
        }

        foreach (Thread thread in threads)
        {
            thread.Join();
        }

        double seconds = watch.Elapsed.TotalSeconds;
        double[] sorted = [.. latencies.SelectMany(l => l).Order()];
        return new LoadResult(events, seconds, At(sorted, 0.5), At(sorted, 0.99), refused);
    }

    private static double At(double[] sorted, double share) => sorted.Length == 0 ? double.NaN : sorted[Math.Min(sorted.Length - 1, (int)(sorted.Length * share))];

    private static Socket Connect(Uri target)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(IPAddress.Loopback, target.Port);
        return socket;
    }

    private byte[] Head(Uri target, string? key, int length) => Encoding.ASCII.GetBytes(
        $"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{target.Port}\r\nContent-Type: {contentType}\r\nContent-Length: {length}\r\n{(key is null ? "" : $"Authorization: Bearer {key}\r\n")}\r\n");

    private static void SendAll(Socket socket, ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            bytes = bytes[socket.Send(bytes)..];
        }
    }

    private static int ReadAnswer(Socket socket, byte[] buffer)
    {
        int have = 0, end;
        while ((end = buffer.AsSpan(0, have).IndexOf("\r\n\r\n"u8)) < 0)
        {
            have += Receive(socket, buffer, have);
        }

        string head = Encoding.ASCII.GetString(buffer, 0, end);
        int status = int.Parse(head.AsSpan(9, 3));
        int at = head.IndexOf("Content-Length:", StringComparison.OrdinalIgnoreCase);
        if (at >= 0)
        {
            int stop = head.IndexOf('\r', at);
            int length = int.Parse(head.AsSpan(at + 15, (stop < 0 ? head.Length : stop) - at - 15));
            while (have < end + 4 + length)
            {
                have += Receive(socket, buffer, have);
            }
        }
        else if (head.Contains("chunked", StringComparison.OrdinalIgnoreCase))
        {
            while (!buffer.AsSpan(0, have).EndsWith("0\r\n\r\n"u8))
            {
                have += Receive(socket, buffer, have);
            }
        }

        return status;
    }

    private static int Receive(Socket socket, byte[] buffer, int have)
    {
        int got = socket.Receive(buffer, have, buffer.Length - have, SocketFlags.None);
        return got > 0 ? got : throw new IOException("the connection was closed in the middle of an answer");
    }

    /// <summary>Some correlations that were sent, for queries afterwards.</summary>
    public IReadOnlyList<string> Correlations
    {
        get
        {
            lock (correlations)
            {
                return [.. correlations];
            }
        }
    }

    private void Patch(byte[] body, List<Spot> spots, int index)
    {
        // The same for all bodies of one round, so that correlations, sessions and traces reach over bodies as in the generated stream.
        long send = counter + ++rounds[index];
        Span<byte> hex = stackalloc byte[8];
        Utf8Formatter.TryFormat((uint)(send * 2654435761), hex, out _, new StandardFormat('x', 8));
        long mask = send * unchecked((long)0x9E3779B97F4A7C15);
        foreach (Spot spot in spots)
        {
            if (spot.Hex)
            {
                hex.CopyTo(body.AsSpan(spot.Offset));
            }
            else
            {
                BitConverter.TryWriteBytes(body.AsSpan(spot.Offset, 8), spot.Original ^ mask);
            }
        }

        if (index % 16 == 0 && spots.FirstOrDefault(s => s.Correlation) is { Offset: > 0 } sample)
        {
            lock (correlations)
            {
                if (correlations.Count < 5000)
                {
                    correlations.Add(Encoding.ASCII.GetString(body, sample.Offset, 36));
                }
            }
        }
    }

    /// <summary>
    /// What is overwritten before each send: the first half of every trace id (protobuf field 9 of 16 bytes), and the first 8 hex digits of every correlation and
    /// session id, by the same mask for a whole round of bodies, so that what belongs together stays together but never repeats.
    /// </summary>
    private static List<Spot> FindSpots(byte[] body)
    {
        var found = new List<Spot>();
        bool json = body[0] is (byte)'[' or (byte)'{';
        if (!json)
        {
            Find([0x4A, 0x10], 2, hex: false, correlation: false);
        }

        Find(json ? "\"correlation\":\""u8 : "correlation.id\u0012\u0026\u000a\u0024"u8, json ? 15 : 18, hex: true, correlation: true);
        Find(json ? "\"session\":\""u8 : "session.id\u0012\u0026\u000a\u0024"u8, json ? 11 : 14, hex: true, correlation: false);
        return found;

        void Find(ReadOnlySpan<byte> pattern, int skip, bool hex, bool correlation)
        {
            for (int at = 0, next; (next = body.AsSpan(at).IndexOf(pattern)) >= 0; at += next + pattern.Length)
            {
                // The two bytes of a trace id's tag also occur inside random ids; only the real one is followed by the span id's tag.
                int spot = at + next + skip;
                if (hex || (spot + 17 < body.Length && body[spot + 16] == 0x52 && body[spot + 17] == 0x08))
                {
                    found.Add(new Spot(spot, hex, correlation, hex ? 0 : BitConverter.ToInt64(body, spot)));
                }
            }
        }
    }

    private readonly record struct Spot(int Offset, bool Hex, bool Correlation, long Original);
}

/// <summary>What one window gave.</summary>
internal sealed record LoadResult(long Events, double Seconds, double P50Ms, double P99Ms, int Refused)
{
    public double PerSecond => Events / Seconds;
}
