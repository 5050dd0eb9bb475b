using Muniment.Events;
using Muniment.Gateway.Query.Filters;
using Muniment.Journal;

namespace Muniment.Gateway.Query.Scanning;

/// <summary>One walk over a tenant's log.</summary>
/// <param name="Tenant">Whose.</param>
/// <param name="Filter">Which events.</param>
/// <param name="Sees">Whether the reader sees prompts, commands and tool text.</param>
/// <param name="Range">Which part of the log.</param>
/// <param name="NewestFirst">Direction.</param>
internal sealed record ScanRequest(TenantId Tenant, EventFilter Filter, bool Sees, SeqRange Range, bool NewestFirst);
