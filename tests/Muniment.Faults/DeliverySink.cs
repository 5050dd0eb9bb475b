using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
using Muniment.Testing;

namespace Muniment.Faults;

/// <summary>
/// A collector (HEC) or an OTLP/HTTP receiver (JSON) that keeps of each event its seq, its number and a digest of its text. While it is unwell it is slow, refuses some requests,
/// and takes some without ever answering.
/// </summary>
internal sealed class DeliverySink : IAsyncDisposable
{
    private static readonly TimeSpan Slowest = TimeSpan.FromMilliseconds(40);

    private readonly Lock gate = new();
    private readonly List<Delivered> arrivals = [];
    private readonly bool otlp;
    private readonly Random mood;
    private Sink sink = null!;

    private DeliverySink(bool otlp, int seed) => (this.otlp, mood) = (otlp, new Random(seed));

    /// <summary>For the destination's <c>endpoint</c>.</summary>
    public string Address => sink.Address;

    /// <summary>Whether it is unwell.</summary>
    public bool Unwell { get; set; }

    /// <summary>What a strict receiver would have refused.</summary>
    public ConcurrentQueue<string> Wrong { get; } = [];

    /// <summary>Everything taken, in order, repeats included.</summary>
    public Delivered[] Arrivals
    {
        get
        {
            lock (gate)
            {
                return [.. arrivals];
            }
        }
    }

    /// <summary>How many were taken.</summary>
    public int Count
    {
        get
        {
            lock (gate)
            {
                return arrivals.Count;
            }
        }
    }

    /// <summary>Listens.</summary>
    public static async Task<DeliverySink> StartAsync(bool otlp, int seed)
    {
        DeliverySink made = new(otlp, seed);
        made.sink = await Sink.StartAsync(made.TakeAsync);
        return made;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => sink.DisposeAsync();

    private async Task<SinkAnswer> TakeAsync(SinkRequest request, CancellationToken aborted)
    {
        int dice;
        double slow;
        lock (mood)
        {
            (dice, slow) = (mood.Next(12), mood.NextDouble());
        }

        if (Unwell && dice == 0)
        {
            return new SinkAnswer(503, otlp ? "" : """{"text":"Server is busy","code":9}""");
        }

        List<Delivered> batch;
        try
        {
            batch = otlp ? ReadOtlp(request.Body) : ReadHec(request.Body);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            Wrong.Enqueue(e.Message);
            return new SinkAnswer(400);
        }

        lock (gate)
        {
            arrivals.AddRange(batch);
        }

        if (Unwell)
        {
            // The longer between taking and answering, the more kills fall between.
            await Task.Delay(Slowest * slow, aborted);
        }

        return new SinkAnswer(200, otlp ? "{}" : """{"text":"Success","code":0}""");
    }

    private static List<Delivered> ReadHec(byte[] body)
    {
        List<Delivered> batch = [];
        Utf8JsonReader reader = new(body, new JsonReaderOptions { AllowMultipleValues = true });
        while (reader.Read())
        {
            using JsonDocument document = JsonDocument.ParseValue(ref reader);
            JsonElement fields = document.RootElement.GetProperty("fields");
            batch.Add(new Delivered(fields.GetProperty("muniment.seq").GetInt64(), fields.GetProperty("muniment.n").GetInt64(), Digest(document.RootElement)));
        }

        return batch;
    }

    private static List<Delivered> ReadOtlp(byte[] body)
    {
        List<Delivered> batch = [];
        using JsonDocument document = JsonDocument.Parse(body);
        foreach (JsonElement resource in document.RootElement.GetProperty("resourceLogs").EnumerateArray())
        {
            foreach (JsonElement scope in resource.GetProperty("scopeLogs").EnumerateArray())
            {
                foreach (JsonElement record in scope.GetProperty("logRecords").EnumerateArray())
                {
                    batch.Add(new Delivered(Attribute(record, "muniment.seq"), Attribute(record, "muniment.n"), Digest(record)));
                }
            }
        }

        return batch;
    }

    private static long Attribute(JsonElement record, string name) => long.Parse(
        record.GetProperty("attributes").EnumerateArray().Single(a => a.GetProperty("key").GetString() == name).GetProperty("value").GetProperty("intValue").GetString()!);

    private static string Digest(JsonElement element) => Convert.ToHexString(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(element.GetRawText())).AsSpan(0, 8));
}

/// <summary>One event at a sink.</summary>
/// <param name="Seq">Its <c>muniment.seq</c>.</param>
/// <param name="N">Its <c>muniment.n</c>.</param>
/// <param name="Digest">Of its text.</param>
internal readonly record struct Delivered(long Seq, long N, string Digest);
