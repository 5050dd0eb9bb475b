using System.Buffers;
using Muniment.Delivery.Batches;
using Muniment.Delivery.Configuration;

namespace Muniment.Delivery.Kinds;

/// <summary>Writes events one by one in the form of a kind. The bytes depend on nothing but the event and the configuration.</summary>
public interface IEventRenderer
{
    /// <summary>Writes one event and says into which request it belongs (0 unless the kind needs several).</summary>
    byte Render(in OutgoingEvent value, IBufferWriter<byte> output);
}

/// <summary>What a renderer may know.</summary>
/// <param name="Origin">Name of the tenant's log.</param>
/// <param name="Tenant">The tenant.</param>
/// <param name="Config">The configuration in force for the plan.</param>
/// <param name="Projection">Canonical writing.</param>
public sealed record RenderContext(string Origin, string Tenant, DestinationConfig Config, IEventProjection Projection);
