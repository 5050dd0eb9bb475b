using System.Text.Json;

namespace Muniment.Testing;

/// <summary>
/// A Splunk HTTP Event Collector on loopback: checks token, path and framing as the real one documents them, keeps each event's
/// <c>fields</c> and the whole text on demand, and answers what <see cref="Answer"/> says instead of success.
/// </summary>
public sealed class HecSink : IAsyncDisposable
{
    private readonly Lock gate = new();
    private readonly List<HecArrival> arrivals = [];
    private readonly string token;
    private readonly bool keepText;
    private Sink sink = null!;

    private HecSink(string token, bool keepText) => (this.token, this.keepText) = (token, keepText);

    /// <summary>Base address for the destination's <c>endpoint</c>.</summary>
    public string Address => sink.Address;

    /// <summary>Set to answer otherwise; null or a null result means the ordinary answer. The events of such a request are not kept.</summary>
    public Func<SinkRequest, SinkAnswer?>? Answer { get; set; }

    /// <summary>Requests seen, good and bad.</summary>
    public int Requests { get; private set; }

    /// <summary>Everything accepted so far, in order of arrival.</summary>
    public IReadOnlyList<HecArrival> Arrivals
    {
        get
        {
            lock (gate)
            {
                return [.. arrivals];
            }
        }
    }

    /// <summary>How many events were accepted.</summary>
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
    public static async Task<HecSink> StartAsync(string token = "00000000-0000-0000-0000-000000000000", bool keepText = true, int port = 0)
    {
        var hec = new HecSink(token, keepText);
        hec.sink = await Sink.StartAsync((request, _) => Task.FromResult(hec.Take(request)), port);
        return hec;
    }

    /// <summary>Waits until at least <paramref name="count"/> events arrived.</summary>
    public async Task WaitForAsync(int count, TimeSpan limit)
    {
        DateTime deadline = DateTime.UtcNow + limit;
        while (Count < count)
        {
            if (DateTime.UtcNow > deadline)
            {
                throw new TimeoutException($"{Count} of {count} events arrived at the HEC sink within {limit.TotalSeconds} s ({Requests} requests)");
            }

            await Task.Delay(20);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => sink.DisposeAsync();

    private SinkAnswer Take(SinkRequest request)
    {
        lock (gate)
        {
            Requests++;
        }

        if (Answer?.Invoke(request) is { } other)
        {
            return other;
        }

        if (!request.Headers.TryGetValue("authorization", out string? authorization))
        {
            return new SinkAnswer(401, """{"text":"Token is required","code":2}""");
        }

        if (authorization != "Splunk " + token)
        {
            return new SinkAnswer(403, """{"text":"Invalid token","code":4}""");
        }

        if (request.Path.StartsWith("/services/collector/health", StringComparison.Ordinal))
        {
            return new SinkAnswer(200, """{"text":"HEC is healthy","code":17}""");
        }

        if (!(request.Path.StartsWith("/services/collector/event", StringComparison.Ordinal) || request.Path is "/services/collector"))
        {
            return new SinkAnswer(404);
        }

        if (request.Body.Length == 0)
        {
            return new SinkAnswer(400, """{"text":"No data","code":5}""");
        }

        var batch = new List<HecArrival>();
        var reader = new Utf8JsonReader(request.Body, new JsonReaderOptions { AllowMultipleValues = true });
        try
        {
            while (reader.Read())
            {
                using JsonDocument document = JsonDocument.ParseValue(ref reader);
                if (!document.RootElement.TryGetProperty("event", out JsonElement e) || e.ValueKind == JsonValueKind.Null)
                {
                    return new SinkAnswer(400, $$"""{"text":"Event field is required","code":12,"invalid-event-number":{{batch.Count}}}""");
                }

                if (document.RootElement.TryGetProperty("fields", out JsonElement fields) && fields.EnumerateObject().Any(f => f.Value.ValueKind is JsonValueKind.Object))
                {
                    return new SinkAnswer(400, $$"""{"text":"Error in handling indexed fields","code":15,"invalid-event-number":{{batch.Count}}}""");
                }

                batch.Add(new HecArrival(Number(fields, "muniment.seq"), Number(fields, "muniment.n"), keepText ? document.RootElement.GetRawText() : ""));
            }
        }
        catch (JsonException)
        {
            return new SinkAnswer(400, $$"""{"text":"Invalid data format","code":6,"invalid-event-number":{{batch.Count}}}""");
        }

        lock (gate)
        {
            arrivals.AddRange(batch);
        }

        return new SinkAnswer(200, """{"text":"Success","code":0}""");
    }

    private static long Number(JsonElement fields, string name) =>
        fields.ValueKind == JsonValueKind.Object && fields.TryGetProperty(name, out JsonElement value)
            ? value.ValueKind == JsonValueKind.Number ? value.GetInt64() : long.Parse(value.GetString()!) : -1;
}

/// <summary>One event at the sink.</summary>
/// <param name="Seq">Its <c>muniment.seq</c>, or -1.</param>
/// <param name="N">Its <c>muniment.n</c>, or -1.</param>
/// <param name="Text">The whole HEC object, when texts are kept.</param>
public readonly record struct HecArrival(long Seq, long N, string Text);
