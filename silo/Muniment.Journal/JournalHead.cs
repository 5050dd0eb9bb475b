using System.Collections.Immutable;
using Muniment.Events;

namespace Muniment.Journal;

/// <summary>Where a tenant's log ends. Immutable; each commit gives the next one.</summary>
/// <param name="Tenant">Owner of the log.</param>
/// <param name="Epoch">Fencing number of the writer.</param>
/// <param name="Size">Number of entries; the next seq.</param>
/// <param name="Peaks">Roots of the perfect subtrees of the Merkle tree, largest first, 32 bytes each, concatenated.</param>
public sealed record JournalHead(TenantId Tenant, long Epoch, long Size, ImmutableArray<byte> Peaks);
