using Muniment.Events;
using Muniment.Events.Canonical;
using Muniment.Policy.Evaluation;

namespace Muniment.Gateway.Deciding;

/// <summary>The parts of a decision's event that other events have too; null where there is nothing to say.</summary>
internal static class DecisionParts
{
    /// <summary>Who: the agent's own identity, else the user, else the key.</summary>
    public static ActorPart Actor(DecisionCall call)
    {
        DecisionCaller caller = call.Request.Caller;
        return caller.ActorId is { } id
            ? new ActorPart { Id = id, Type = caller.ActorType ?? "service", User = caller.User }
            : caller.User is { } user ? new ActorPart { Id = user, Type = "user" } : new ActorPart { Id = call.Caller.KeyId, Type = "key" };
    }

    /// <summary>The agent, by the caller or by the facts of the request.</summary>
    public static AgentPart? Agent(DecisionRequest request)
    {
        AgentPart? agent = request.Facts?.Agent;
        return (request.Caller.Agent ?? agent?.Kind) is { } kind ? new AgentPart { Kind = kind, Version = agent?.Version, Surface = agent?.Surface, Instance = agent?.Instance } : null;
    }

    /// <summary>The policy that decided.</summary>
    public static PolicyPart Policy(PolicyReference policy) =>
        new() { Id = policy.Id, Version = policy.Version, Digest = string.IsNullOrEmpty(policy.Digest) ? null : policy.Digest, Rule = policy.Rule };

    /// <summary>The ids by which the call is found again.</summary>
    public static TracePart? Trace(DecisionCall call)
    {
        DecisionContext context = call.Context;
        var trace = new TracePart
        {
            TraceId = context.TraceId, SpanId = context.SpanId, Session = DecisionRecord.Short(call.Request.Caller.Session), Turn = DecisionRecord.Short(call.Request.Facts?.Trace?.Turn),
            Correlation = context.Correlation, Request = context.RequestId,
        };
        return trace is { TraceId: null, SpanId: null, Session: null, Turn: null, Correlation: null, Request: null } ? null : trace;
    }

    /// <summary>The project.</summary>
    public static ResourcePart? Project(string? project) => project is null ? null : new ResourcePart { Project = project };

    /// <summary>The approval.</summary>
    public static ApprovalPart? Approval(DecisionApproval? approval) => approval is null ? null : new ApprovalPart
    {
        By = approval.By, At = approval.AtMs == 0 ? null : Timestamps.Format(approval.AtMs * 1_000_000), Source = "policy", Request = approval.Id,
    };

    /// <summary>The tool.</summary>
    public static ToolPart? Tool(DecisionTool? tool) => tool is null ? null : new ToolPart
    {
        Name = DecisionRecord.Short(tool.Name), Namespace = tool.Namespace, Server = DecisionRecord.Short(tool.Server), Command = DecisionRecord.Short(tool.Command, DecisionRecord.MaxCommandLength),
    };

    /// <summary>The model, asked for and served.</summary>
    public static ModelPart? Model(string? provider, string? requested, string? served) => (provider ?? requested ?? served) is null ? null : new ModelPart
    {
        Provider = provider, Requested = DecisionRecord.Short(requested), Served = DecisionRecord.Short(served),
    };
}
