using System.Diagnostics.Metrics;
using Muniment.Delivery.Batches;
using Muniment.Delivery.Outcomes;

namespace Muniment.Delivery;

/// <summary>Meter <c>Muniment.Delivery</c>. Tags are the kind and the outcome, never tenants or ids, so that the number of series is bounded.</summary>
public sealed class DeliveryInstruments : IDisposable
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "Muniment.Delivery";

    private readonly Meter _meter = new(MeterName);
    private readonly Counter<long> _attempts;
    private readonly Counter<long> _events;
    private readonly Counter<long> _bytes;
    private readonly Counter<long> _deadLetters;
    private readonly Counter<long> _fenced;
    private readonly Counter<long> _faults;
    private readonly Histogram<double> _seconds;

    /// <summary>Makes the instruments.</summary>
    public DeliveryInstruments()
    {
        _attempts = _meter.CreateCounter<long>("muniment.delivery.attempts", "{request}", "Requests by outcome.");
        _events = _meter.CreateCounter<long>("muniment.delivery.events", "{event}", "Events in requests that were taken.");
        _bytes = _meter.CreateCounter<long>("muniment.delivery.bytes", "By", "Rendered bytes in requests that were taken, uncompressed.");
        _deadLetters = _meter.CreateCounter<long>("muniment.delivery.dead_letters", "{event}", "Events refused for good.");
        _fenced = _meter.CreateCounter<long>("muniment.delivery.fenced", "{activation}", "Activations that found another one in their place.");
        _faults = _meter.CreateCounter<long>("muniment.delivery.faults", "{activation}", "Activations ended by an unexpected error; the next one goes on from the stored state.");
        _meter.CreateObservableUpDownCounter("muniment.delivery.batch_memory", () => Batches.HeldBytes, "By", "Memory of batches that are built and not settled.");
        _meter.CreateObservableCounter("muniment.delivery.growth_denied", () => Batches.Denied, "{batch}", "Batches that were kept at the first size because of the memory of all.");
        _seconds = _meter.CreateHistogram<double>("muniment.delivery.request.duration", "s", "From sending to the answer.");
    }

    /// <summary>The memory of all batches.</summary>
    public BatchBudget Batches { get; } = new();

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    internal void Answered(string kind, OutcomeKind outcome, int events, long bytes, TimeSpan took)
    {
        KeyValuePair<string, object?> kindTag = new("kind", kind);
        _attempts.Add(1, kindTag, new KeyValuePair<string, object?>("outcome", outcome.ToString()));
        _seconds.Record(took.TotalSeconds, kindTag);
        if (outcome is OutcomeKind.Delivered or OutcomeKind.Partial)
        {
            _events.Add(events, kindTag);
            _bytes.Add(bytes, kindTag);
        }
    }

    internal void Buried(string kind, int events) => _deadLetters.Add(events, new KeyValuePair<string, object?>("kind", kind));

    internal void Fenced() => _fenced.Add(1);

    internal void Faulted() => _faults.Add(1);
}
