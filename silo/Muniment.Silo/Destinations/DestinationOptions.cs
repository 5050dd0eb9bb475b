using System.Collections.Immutable;
using Muniment.Egress;
using Muniment.Events;

namespace Muniment.Silo.Destinations;

/// <summary>What the host says about delivery.</summary>
/// <param name="ExportDirectory">Folder <c>export</c> of the data directory.</param>
/// <param name="EgressAllow">The operator's allow-list.</param>
/// <param name="Origin">Name of a tenant's log, as in its checkpoints.</param>
public sealed record DestinationOptions(string ExportDirectory, ImmutableArray<EgressRule> EgressAllow, Func<TenantId, string> Origin);
