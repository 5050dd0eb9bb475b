using System.Buffers;
using Muniment.Delivery.Batches;
using Muniment.Delivery.Configuration;
using Muniment.Events.Formats;

namespace Muniment.Delivery.Kinds;

/// <summary>Writes events one by one in the form of a kind. The bytes depend on nothing but the event and the configuration.</summary>
public interface IEventRenderer
{
    /// <summary>Whether it also takes events that are not read, to be copied (<see cref="OutgoingEvent.Copy"/>).</summary>
    bool Copies => false;

    /// <summary>Writes one event and says into which request it belongs (0 unless the kind needs several).</summary>
    byte Render(in OutgoingEvent value, IBufferWriter<byte> output);
}

/// <summary>
/// What a renderer may know. A renderer of events writes <c>Format.Write(value.Event!, MarksOf(value), output)</c> and puts around it what its kind needs; a kind that
/// carries the marks beside the event (as fields, headers, attributes) gives the format <see cref="EventMarks.None"/> and writes them itself.
/// </summary>
/// <param name="Origin">Name of the tenant's log.</param>
/// <param name="Tenant">The tenant.</param>
/// <param name="Config">The configuration in force for the plan.</param>
/// <param name="Projection">Canonical reading.</param>
public sealed record RenderContext(string Origin, string Tenant, DestinationConfig Config, IEventProjection Projection)
{
    private readonly DestinationMarks _marks = new(Origin, Config.Id);

    /// <summary>The destination's format, a writer of this renderer's own; null where raw records are selected.</summary>
    public IEventFormat? Format { get; } = Config.IsRaw ? null : EventFormats.Find(Config.Format);

    /// <summary>The marks of an event; none for a test event.</summary>
    public EventMarks MarksOf(in OutgoingEvent value) => value.N < 0 ? EventMarks.None : new EventMarks(_marks, value.Stored.Seq, value.Leaf, value.Epoch, value.N);
}
