using System.Text;

namespace Muniment.Testing;

/// <summary>
/// An OTLP/HTTP receiver on loopback (protobuf). Decodes with a small wire reader of its own, not the product's, and keeps for each record its
/// signal and its <c>muniment.seq</c> attribute when it has one.
/// </summary>
public sealed class OtlpSink : IAsyncDisposable
{
    private readonly Lock gate = new();
    private readonly List<OtlpArrival> arrivals = [];
    private Sink sink = null!;

    /// <summary>Base address for the destination's <c>endpoint</c>.</summary>
    public string Address => sink.Address;

    /// <summary>Set to answer otherwise; null or a null result means success.</summary>
    public Func<SinkRequest, SinkAnswer?>? Answer { get; set; }

    /// <summary>Everything accepted so far.</summary>
    public IReadOnlyList<OtlpArrival> Arrivals
    {
        get
        {
            lock (gate)
            {
                return [.. arrivals];
            }
        }
    }

    /// <summary>Listens.</summary>
    public static async Task<OtlpSink> StartAsync(int port = 0)
    {
        var otlp = new OtlpSink();
        otlp.sink = await Sink.StartAsync((request, _) => Task.FromResult(otlp.Take(request)), port);
        return otlp;
    }

    /// <summary>Waits until at least <paramref name="count"/> records of a signal arrived.</summary>
    public async Task WaitForAsync(string signal, int count, TimeSpan limit)
    {
        DateTime deadline = DateTime.UtcNow + limit;
        int seen;
        while ((seen = Arrivals.Count(a => a.Signal == signal)) < count)
        {
            if (DateTime.UtcNow > deadline)
            {
                throw new TimeoutException($"{seen} of {count} {signal} arrived at the OTLP sink within {limit.TotalSeconds} s");
            }

            await Task.Delay(20);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => sink.DisposeAsync();

    private SinkAnswer Take(SinkRequest request)
    {
        if (Answer?.Invoke(request) is { } other)
        {
            return other;
        }

        string? signal = request.Path switch { "/v1/logs" => "logs", "/v1/traces" => "traces", "/v1/metrics" => "metrics", _ => null };
        if (signal is null)
        {
            return new SinkAnswer(404);
        }

        if (!request.Headers.TryGetValue("content-type", out string? type) || type != "application/x-protobuf")
        {
            return new SinkAnswer(415);
        }

        // Export request: 1 = resource group; group: 2 = scope group; scope group: 2 = record.
        var batch = new List<OtlpArrival>();
        int attributes = signal switch { "logs" => 6, "traces" => 9, _ => 0 };
        foreach (ReadOnlyMemory<byte> group in Wire.Messages(request.Body, 1))
        {
            foreach (ReadOnlyMemory<byte> scope in Wire.Messages(group, 2))
            {
                foreach (ReadOnlyMemory<byte> record in Wire.Messages(scope, 2))
                {
                    batch.Add(new OtlpArrival(signal, attributes == 0 ? -1 : SeqOf(record, attributes), signal == "metrics" ? Wire.Text(record, 1) : ""));
                }
            }
        }

        lock (gate)
        {
            arrivals.AddRange(batch);
        }

        return new SinkAnswer(200);
    }

    private static long SeqOf(ReadOnlyMemory<byte> record, int field)
    {
        foreach (ReadOnlyMemory<byte> attribute in Wire.Messages(record, field))
        {
            if (Wire.Text(attribute, 1) == "muniment.seq")
            {
                ReadOnlyMemory<byte> value = Wire.Messages(attribute, 2).Single();
                string text = Wire.Text(value, 1);
                return text.Length > 0 ? long.Parse(text) : (long)Wire.Varint(value, 3);
            }
        }

        return -1;
    }

    /// <summary>Just enough of the protobuf wire format to look inside a body.</summary>
    private static class Wire
    {
        public static IEnumerable<ReadOnlyMemory<byte>> Messages(ReadOnlyMemory<byte> message, int field)
        {
            foreach ((int number, int type, ReadOnlyMemory<byte> bytes, _) in Fields(message))
            {
                if (number == field && type == 2)
                {
                    yield return bytes;
                }
            }
        }

        public static string Text(ReadOnlyMemory<byte> message, int field) => Encoding.UTF8.GetString(Messages(message, field).LastOrDefault().Span);

        public static ulong Varint(ReadOnlyMemory<byte> message, int field) => Fields(message).Last(f => f.Number == field && f.Type == 0).Value;

        private static IEnumerable<(int Number, int Type, ReadOnlyMemory<byte> Bytes, ulong Value)> Fields(ReadOnlyMemory<byte> message)
        {
            int at = 0;
            while (at < message.Length)
            {
                ulong tag = Next(message.Span, ref at);
                int type = (int)(tag & 7);
                ulong value = 0;
                ReadOnlyMemory<byte> bytes = default;
                switch (type)
                {
                    case 0:
                        value = Next(message.Span, ref at);
                        break;
                    case 1:
                        at += 8;
                        break;
                    case 2:
                        int length = (int)Next(message.Span, ref at);
                        bytes = message.Slice(at, length);
                        at += length;
                        break;
                    case 5:
                        at += 4;
                        break;
                    default:
                        throw new FormatException($"wire type {type} at byte {at}");
                }

                yield return ((int)(tag >> 3), type, bytes, value);
            }
        }

        private static ulong Next(ReadOnlySpan<byte> span, ref int at)
        {
            ulong value = 0;
            for (int shift = 0; ; shift += 7)
            {
                byte b = span[at++];
                value |= (ulong)(b & 0x7f) << shift;
                if (b < 0x80)
                {
                    return value;
                }
            }
        }
    }
}

/// <summary>One record at the sink.</summary>
/// <param name="Signal"><c>logs|traces|metrics</c></param>
/// <param name="Seq">Its <c>muniment.seq</c> attribute, or -1.</param>
/// <param name="Name">Metrics: the name.</param>
public readonly record struct OtlpArrival(string Signal, long Seq, string Name);
