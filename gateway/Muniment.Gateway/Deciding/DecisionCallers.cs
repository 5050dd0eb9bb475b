using System.Collections.Immutable;
using Muniment.Events.Canonical;
using Muniment.Gateway.Access;
using Muniment.Policy.Evaluation;

namespace Muniment.Gateway.Deciding;

/// <summary>
/// Who counts as the caller: the key says it. What a body says of actor and project counts only for keys with <c>act_as</c>, and never against what the key is bound to; everything else it says is kept as claimed.
/// </summary>
public static class DecisionCallers
{
    private static readonly string[] Types = ["user", "agent", "service", "key"];

    /// <summary>The caller, and what was claimed and does not count.</summary>
    /// <param name="key">The key.</param>
    /// <param name="context">How the call came in.</param>
    /// <param name="actor">Actor that the body names, or null.</param>
    /// <param name="project">Project that the body names, or null.</param>
    /// <param name="session">The session, which anybody may name.</param>
    /// <param name="agent">Kind of the agent, which anybody may name.</param>
    public static (DecisionCaller Caller, IReadOnlyDictionary<string, string>? Claimed) Of(
        Caller key, DecisionContext context, ActorPart? actor = null, string? project = null, string? session = null, string? agent = null)
    {
        var claimed = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        string? user = key.User;
        string? actorId = null;
        string? actorType = null;
        if (actor is not null)
        {
            string? human = actor.Human;
            if (key.ActAs)
            {
                user ??= human;
                (actorId, actorType) = actor.Type == "user" ? (null, null) : (actor.Id, actor.Type);
            }
            else if (actor.Id is { } id && id != key.User)
            {
                claimed["actor"] = id;
            }

            if (human is not null && human != user)
            {
                claimed["user"] = human;
            }
        }

        if (project is not null && project != key.Project)
        {
            if (key.ActAs && key.Project is null)
            {
                return Result(project);
            }

            claimed["project"] = project;
        }

        return Result(key.Project);

        (DecisionCaller, IReadOnlyDictionary<string, string>?) Result(string? ofProject)
        {
            var caller = new DecisionCaller
            {
                KeyId = key.KeyId,
                ActorId = actorId,
                ActorType = actorType,
                User = user,
                Project = ofProject,
                Session = session,
                Agent = agent,
                Address = context.Address,
                Verified = (key.User, key.Project) switch { (null, null) => [], (not null, null) => ["user"], (null, not null) => ["project"], _ => ["user", "project"] },
            };
            return (caller, claimed.Count == 0 ? null : claimed.ToImmutable());
        }
    }

    /// <summary>An actor as the flat form writes it: <c>user:j@acme.com</c>; without a known prefix a service.</summary>
    public static ActorPart Actor(string text)
    {
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 && colon < text.Length - 1 && Types.Contains(text[..colon]) ? new ActorPart { Type = text[..colon], Id = text[(colon + 1)..] } : new ActorPart { Type = "service", Id = text };
    }
}
