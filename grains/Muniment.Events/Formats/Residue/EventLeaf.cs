#pragma warning disable CS1591 // each member is the contract's field of that name, dots left out
namespace Muniment.Events.Formats.Residue;

/// <summary>Every value of the canonical event, so that a format can say which ones it has given a place.</summary>
internal enum EventLeaf : byte
{
    Id, Seq, Ts, Received, Signal, Stream,
    ActorId, ActorType, ActorUser,
    AgentKind, AgentVersion, AgentSurface, AgentInstance,
    Action, ArtifactKind, ArtifactName, ArtifactVersion, ArtifactDigest,
    PolicyId, PolicyVersion, PolicyDigest, PolicyRule,
    Target, Mode,
    TraceId, SpanId, Session, Turn, Correlation, Request,
    Result, Reason, Risk,
    Workspace, Project, Team, Environment, Repo, Ticket, Incident,
    ApprovalBy, ApprovalAt, ApprovalSource, ApprovalRequest,
    ClientAddress, ClientPlace,
    ModelProvider, ModelRequested, ModelServed,
    UsageInput, UsageCacheRead, UsageCacheWrite, UsageOutput, UsageReasoning, CostAmount, CostUnit, CostSource,
    ToolName, ToolNamespace, ToolServer, ToolCall, ToolCommand, ToolDuration, ToolSuccess, ToolExitCode,
    ChangeFiles, ChangeAdded, ChangeRemoved, ChangeCommits, ChangePrs, ChangeTests, ChangeIncidents,
    Decision,
    SourceKey, SourceReceiver, SourceAddress, SourceDialect, SourceMapper, SourceImported, SourceVerified,
    Details,
}
