using System.Diagnostics.Metrics;
using Muniment.Gateway.Hosting;

namespace Muniment.Gateway.Ingest;

/// <summary>Counts what came in and what was refused; received = accepted + repeated + refused.</summary>
internal static class IngestInstruments
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "Muniment.Gateway.Ingest";

    private static readonly Meter Meter = new(MeterName);
    private static readonly Counter<long> EventsCounter = Meter.CreateCounter<long>("muniment.ingest.events", "{event}", "Events made durable");
    private static readonly Counter<long> RepeatedCounter = Meter.CreateCounter<long>("muniment.ingest.repeated", "{event}", "Events recognised as repeats and not stored again");
    private static readonly Counter<long> RejectedCounter = Meter.CreateCounter<long>("muniment.ingest.rejected", "{event}", "Single events refused within an accepted request");
    private static readonly Counter<long> BytesCounter = Meter.CreateCounter<long>("muniment.ingest.bytes", "By", "Decoded bytes of accepted requests");
    private static readonly Counter<long> RefusedCounter = Meter.CreateCounter<long>("muniment.ingest.refused", "{request}", "Requests refused, by reason");

    private static readonly Counter<long> LimitedCounter = Meter.CreateCounter<long>("muniment.ingest.limited", "{request}", "Requests refused for now, by limit");
    private static readonly Counter<long> HeldCounter = Meter.CreateCounter<long>("muniment.ingest.held", "{request}", "Answers to tenants over their quota that were held for a moment");

    /// <summary>An answer was held for a moment.</summary>
    public static void Held() => HeldCounter.Add(1);

    public static void Limited(string limit) => LimitedCounter.Add(1, new KeyValuePair<string, object?>("limit", limit));

    public static void Accepted(string receiver, int events, long bytes, bool repeated)
    {
        KeyValuePair<string, object?> tag = new("receiver", receiver);
        (repeated ? RepeatedCounter : EventsCounter).Add(events, tag);
        BytesCounter.Add(bytes, tag);
    }

    public static void Repeated(string receiver, int events) => RepeatedCounter.Add(events, new KeyValuePair<string, object?>("receiver", receiver));

    public static void Rejected(string receiver, int events) => RejectedCounter.Add(events, new KeyValuePair<string, object?>("receiver", receiver));

    public static void Refused(string receiver, RefusalKind kind) =>
        RefusedCounter.Add(1, new KeyValuePair<string, object?>("receiver", receiver), new KeyValuePair<string, object?>("reason", kind.ToString()));
}
