using Muniment.Events.Canonical;

namespace Muniment.Events.Mapping;

/// <summary>Fills the text fields of a canonical event; parts appear only when one of their fields does.</summary>
internal readonly struct MappedParts(CanonicalEvent target, Utf8StringCache cache) : IMappedTextSink
{
    public void Take(MappedText field, scoped ReadOnlySpan<byte> utf8)
    {
        string text = cache.Get(utf8);
        switch (field)
        {
            case MappedText.Action:
                target.Action = text;
                break;
            case MappedText.Result:
                target.Result = text;
                break;
            case MappedText.ActorType:
                target.Actor.Type = text;
                break;
            case MappedText.ActorId:
                target.Actor.Id = text;
                break;
            case MappedText.ActorUser:
                target.Actor.User = text;
                break;
            case MappedText.AgentKind:
                (target.Agent ??= new AgentPart()).Kind = text;
                break;
            case MappedText.AgentVersion:
                (target.Agent ??= new AgentPart()).Version = text;
                break;
            case MappedText.AgentInstance:
                (target.Agent ??= new AgentPart()).Instance = text;
                break;
            case MappedText.Session:
                (target.Trace ??= new TracePart()).Session = text;
                break;
            case MappedText.Correlation:
                (target.Trace ??= new TracePart()).Correlation = text;
                break;
            case MappedText.ModelProvider:
                (target.Model ??= new ModelPart()).Provider = text;
                break;
            case MappedText.ModelRequested:
                (target.Model ??= new ModelPart()).Requested = text;
                break;
            case MappedText.ModelServed:
                (target.Model ??= new ModelPart()).Served = text;
                break;
            case MappedText.ToolName:
                (target.Tool ??= new ToolPart()).Name = text;
                break;
            case MappedText.ToolCall:
                (target.Tool ??= new ToolPart()).Call = text;
                break;
            case MappedText.Project:
                (target.Resource ??= new ResourcePart()).Project = text;
                break;
            case MappedText.Team:
                (target.Resource ??= new ResourcePart()).Team = text;
                break;
            case MappedText.Environment:
                (target.Resource ??= new ResourcePart()).Environment = text;
                break;
            case MappedText.Repo:
                (target.Resource ??= new ResourcePart()).Repo = text;
                break;
            default:
                (target.Client ??= new ClientPart()).Address = text;
                break;
        }
    }
}
