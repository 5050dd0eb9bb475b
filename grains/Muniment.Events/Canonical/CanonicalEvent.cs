namespace Muniment.Events.Canonical;

/// <summary>
/// The canonical event in memory: what every reader, filter, format and destination works on. Made from a <see cref="StoredEvent"/> by
/// <c>EventReader</c> and then only read. Null means absent. Field names follow the JSON names of the outside contract.
/// </summary>
public sealed class CanonicalEvent
{
    /// <summary>Sender's id, or ours (a UUID version 7 computed from tenant, seq and received).</summary>
    public required string Id { get; set; }
    /// <summary>Whether <see cref="Id"/> is the sender's own. Only such ids are indexed; ours are computed from the seq.</summary>
    public bool HasSenderId { get; set; }
    /// <summary>Position in the tenant's log.</summary>
    public long Seq { get; init; }
    /// <summary>When it happened, Unix ns. Equals <see cref="ReceivedNs"/> when the sender gave none or one over 24 h ahead.</summary>
    public long TimeNs { get; set; }
    /// <summary>When the server took it, Unix ns.</summary>
    public long ReceivedNs { get; init; }
    /// <summary><c>event|log|span|metric</c>, from the entry's kind.</summary>
    public EntryKind Kind { get; init; }
    /// <summary><c>admin|decision|activity|alert|system</c>; null for metrics.</summary>
    public string? Stream { get; set; }
    /// <summary>Who acted.</summary>
    public ActorPart Actor { get; set; } = new();
    /// <summary>The agent.</summary>
    public AgentPart? Agent { get; set; }
    /// <summary><c>resource.verb</c>, or the one word that was sent in the flat form.</summary>
    public string Action { get; set; } = "";
    /// <summary>What was acted with.</summary>
    public ArtifactPart? Artifact { get; set; }
    /// <summary>The policy in force.</summary>
    public PolicyPart? Policy { get; set; }
    /// <summary>What was acted on.</summary>
    public string? Target { get; set; }
    /// <summary><c>fixed|adaptive</c></summary>
    public string? Mode { get; set; }
    /// <summary>Correlation.</summary>
    public TracePart? Trace { get; set; }
    /// <summary><c>allowed|denied|modified|redacted|success|failure|error|info</c></summary>
    public string Result { get; set; } = "";
    /// <summary>Why.</summary>
    public string? Reason { get; set; }
    /// <summary><c>low|medium|high|critical</c></summary>
    public string? Risk { get; set; }
    /// <summary>Where in the organisation.</summary>
    public ResourcePart? Resource { get; set; }
    /// <summary>Who approved.</summary>
    public ApprovalPart? Approval { get; set; }
    /// <summary>Where from.</summary>
    public ClientPart? Client { get; set; }
    /// <summary>The model.</summary>
    public ModelPart? Model { get; set; }
    /// <summary>Tokens and money.</summary>
    public UsagePart? Usage { get; set; }
    /// <summary>The tool.</summary>
    public ToolPart? Tool { get; set; }
    /// <summary>What changed.</summary>
    public ChangePart? Change { get; set; }
    /// <summary>The <c>decision</c> object as JSON, set by the server only; empty when absent.</summary>
    public ReadOnlyMemory<byte> Decision { get; set; }
    /// <summary>How it came in; set by the server only.</summary>
    public SourcePart Source { get; set; } = new();
    /// <summary>The <c>details</c> object as UTF-8 JSON, lossless; empty when absent.</summary>
    public ReadOnlyMemory<byte> Details { get; set; }

    /// <summary>Members of <c>details.claimed</c> that the parser found (JSON, without braces), until <see cref="EnvelopeOverlay"/> writes them into <see cref="Details"/>.</summary>
    internal ReadOnlyMemory<byte> ClaimedMembers { get; set; }
}
