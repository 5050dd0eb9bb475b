namespace Muniment.Gateway.Access;

/// <summary>One line each of the contract's table "may"; <c>RoleTable</c> says which roles have it. Every route names exactly one.</summary>
public enum Permission
{
    /// <summary>No key needed (<c>/healthz</c>, <c>/readyz</c>, <c>/version</c>).</summary>
    Anyone,
    /// <summary>Send to receivers.</summary>
    Ingest,
    /// <summary>decide, llm, mcp.</summary>
    Decide,
    /// <summary>events, sessions, traces, timeline, tail, export.</summary>
    ReadEvents,
    /// <summary>analytics, alerts.</summary>
    ReadAnalytics,
    /// <summary>Read policies, upstreams, destinations, receipts, retention, holds, rules, settings, keys.</summary>
    ReadConfiguration,
    /// <summary>Write the same.</summary>
    WriteConfiguration,
    /// <summary>log, proofs, evidence.</summary>
    Prove,
    /// <summary>approvals, alert changes, subject export.</summary>
    Administer,
    /// <summary>tenants, egress, ambient credentials, backup.</summary>
    Platform,
}
