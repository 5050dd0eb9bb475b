using System.Collections.Immutable;
using System.Text.Json;
using Muniment.Events.Canonical;
using Muniment.Events.Canonical.Fields;
using Muniment.Policy.Commands;
using Muniment.Policy.Predicates.Matching;
using Muniment.Policy.Redaction;

namespace Muniment.Policy.Evaluation;

/// <summary>A request as predicates see it: the canonical event that its record will be, and the contents beside it.</summary>
internal sealed class DecisionSubject
{
    private DecisionSubject(PredicateSubject predicates, string? risk, string? riskReason) => (Predicates, Risk, RiskReason) = (predicates, risk, riskReason);

    public PredicateSubject Predicates { get; }

    /// <summary>The higher of what the command is worth and what the facts say.</summary>
    public string? Risk { get; }

    /// <summary>Which part of the command, and by which rule.</summary>
    public string? RiskReason { get; }

    public static DecisionSubject Of(DecisionRequest request) => Of(request, new PredicateContent
    {
        ReadTexts = () => Texts(request.Texts),
        ToolArgs = Args(request.Tool?.Args ?? default),
        PermissionMode = request.Mode,
    });

    public static DecisionSubject Of(DecisionRequest request, PredicateContent content)
    {
        CanonicalEvent e = Event(request);
        if (e.Tool is { Command: null } && ToolCommands.Find(e.Tool.Name, request.Tool?.Args ?? default) is { } found)
        {
            // Never into the facts' own part, which is somebody else's.
            e.Tool = Tool((request.Tool ?? new DecisionTool()) with { Command = found }, request.Facts?.Tool);
        }

        if (e.Tool?.Command is not { Length: > 0 } command)
        {
            return new DecisionSubject(new PredicateSubject(e, content), e.Risk, null);
        }

        CommandRisk risk = CommandRisk.Classify(command);
        bool higher = Vocabulary.Risks.Rank(e.Risk) <= (int)risk.Level;
        e.Risk = higher ? risk.Level.Word() : e.Risk;
        return new DecisionSubject(new PredicateSubject(e, content), e.Risk, higher ? risk.Reason : null);
    }

    private static CanonicalEvent Event(DecisionRequest request)
    {
        CanonicalEvent? facts = request.Facts;
        DecisionCaller caller = request.Caller;
        return new CanonicalEvent
        {
            Id = facts?.Id ?? "",
            Seq = facts?.Seq ?? 0,
            Kind = facts?.Kind ?? default,
            TimeNs = request.TimeNs != 0 ? request.TimeNs : facts?.TimeNs ?? 0,
            ReceivedNs = facts?.ReceivedNs ?? request.TimeNs,
            Stream = facts?.Stream ?? "decision",
            Action = request.Action == DecisionActions.EventIngest && facts is not null ? facts.Action : request.Action,
            Actor = Actor(caller, facts?.Actor),
            Agent = caller.Agent is null ? facts?.Agent : new AgentPart { Kind = caller.Agent, Version = facts?.Agent?.Version, Surface = facts?.Agent?.Surface, Instance = facts?.Agent?.Instance },
            Artifact = facts?.Artifact,
            Policy = facts?.Policy,
            Target = request.Target ?? facts?.Target,
            Mode = PermissionModes.Canonical(request.Mode) ?? facts?.Mode,
            Trace = Trace(caller.Session, facts?.Trace),
            Result = facts?.Result ?? "",
            Reason = facts?.Reason,
            Risk = facts?.Risk,
            Resource = Resource(caller.Project, facts?.Resource),
            Approval = facts?.Approval,
            Client = caller.Address is null ? facts?.Client : new ClientPart { Address = caller.Address, Place = facts?.Client?.Place },
            Model = request.Model is null ? facts?.Model : new ModelPart { Requested = request.Model, Provider = facts?.Model?.Provider, Served = facts?.Model?.Served },
            Usage = facts?.Usage,
            Tool = Tool(request.Tool, facts?.Tool),
            Change = facts?.Change,
            Decision = facts?.Decision ?? default,
            Source = facts is { Source.Key: not null } ? facts.Source : new SourcePart { Key = caller.KeyId, Address = caller.Address, Verified = caller.Verified },
            Details = facts?.Details ?? default,
        };
    }

    private static ActorPart Actor(DecisionCaller caller, ActorPart? facts)
    {
        if (caller is { ActorId: null, User: null, KeyId: null })
        {
            return facts ?? new ActorPart();
        }

        string? id = caller.ActorId ?? facts?.Id ?? caller.User ?? caller.KeyId;
        return new ActorPart
        {
            Id = id,
            Type = caller.ActorType ?? facts?.Type ?? (caller.User is not null && id == caller.User ? "user" : "key"),
            User = caller.User ?? facts?.User,
        };
    }

    private static TracePart? Trace(string? session, TracePart? facts) => session is null ? facts : new TracePart
    {
        Session = session, TraceId = facts?.TraceId, SpanId = facts?.SpanId, Turn = facts?.Turn, Correlation = facts?.Correlation, Request = facts?.Request,
    };

    private static ResourcePart? Resource(string? project, ResourcePart? facts) => project is null ? facts : new ResourcePart
    {
        Project = project, Workspace = facts?.Workspace, Team = facts?.Team, Environment = facts?.Environment, Repo = facts?.Repo, Ticket = facts?.Ticket, Incident = facts?.Incident,
    };

    private static ToolPart? Tool(DecisionTool? tool, ToolPart? facts) => tool is null ? facts : new ToolPart
    {
        Name = tool.Name ?? facts?.Name, Namespace = tool.Namespace ?? facts?.Namespace, Server = tool.Server ?? facts?.Server, Command = tool.Command ?? facts?.Command,
        Call = facts?.Call, DurationMs = facts?.DurationMs, Success = facts?.Success, ExitCode = facts?.ExitCode,
    };

    /// <summary>Null when there is more in them than is looked at, so that no condition takes what was not seen for absent.</summary>
    private static FieldValue? Texts(ImmutableArray<InspectedText> texts)
    {
        if (texts.IsEmpty)
        {
            return FieldValue.Missing;
        }

        List<string>? further = null;
        foreach (InspectedText text in texts)
        {
            NestedTexts.Add(text.Text, ref further);
            if (further?.Count > NestedTexts.MaxTexts)
            {
                return null;
            }
        }

        // As a reader sees them: without what nobody sees, in plain letters.
        int nested = further?.Count ?? 0;
        for (int i = 0; i < texts.Length + nested; i++)
        {
            string written = i < texts.Length ? texts[i].Text : further![i - texts.Length];
            if (FoldedText.NeedsFolding(written))
            {
                (further ??= []).Add(FoldedText.Of(written).View(written).ToString());
            }
        }

        var values = new FieldValue[texts.Length + (further?.Count ?? 0)];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = FieldValue.Of(i < texts.Length ? texts[i].Text : further![i - texts.Length]);
        }

        return FieldValue.Of(values);
    }

    /// <summary>Null when they are no JSON object that can be read.</summary>
    private static ReadOnlyMemory<byte>? Args(ReadOnlyMemory<byte> json)
    {
        if (json.IsEmpty)
        {
            return json;
        }

        try
        {
            var reader = new Utf8JsonReader(json.Span, new JsonReaderOptions { MaxDepth = EventLimits.MaxDepth });
            while (reader.Read())
            {
            }

            return json;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
