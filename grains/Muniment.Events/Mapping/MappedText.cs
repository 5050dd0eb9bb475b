namespace Muniment.Events.Mapping;

/// <summary>Where <see cref="OtlpMapping"/> delivers text: the mapper makes strings of it, the term collector hands it on.</summary>
internal enum MappedText : byte
{
    Action,
    Result,
    ActorType,
    ActorId,
    ActorUser,
    AgentKind,
    AgentVersion,
    AgentInstance,
    Session,
    Correlation,
    ModelProvider,
    ModelRequested,
    ModelServed,
    ToolName,
    ToolCall,
    Project,
    Team,
    Environment,
    Repo,
    ClientAddress,
}
