using Muniment.Events;

namespace Muniment.Gateway.Ingest.Rules;

/// <summary>Rules of tenants for what comes in at receivers (<c>on: [event.ingest]</c>).</summary>
internal interface IIngestRules
{
    /// <summary>The tenant's rules; null when it has none, as a rule.</summary>
    /// <exception cref="Exception">They cannot be read: nothing is stored that a rule might want redacted.</exception>
    ValueTask<IngestRuleSet?> FindAsync(TenantId tenant);
}

/// <summary>No tenant has any: a gateway without policies.</summary>
internal sealed class NoIngestRules : IIngestRules
{
    public ValueTask<IngestRuleSet?> FindAsync(TenantId tenant) => default;
}
