using Microsoft.AspNetCore.Http;
using Muniment.Gateway.Access;
using Muniment.Gateway.Deciding;
using Muniment.Policy.Evaluation;

namespace Muniment.Gateway.Llm.Requests;

/// <summary>Who calls, from key and headers. Actor, user and project come from the key alone.</summary>
internal static class CallerFacts
{
    private static readonly string[] SessionHeaders = ["x-muniment-session", "session_id", "x-session-id", "x-claude-code-session-id", "conversation_id"];

    private static readonly (string Prefix, string Kind)[] Agents = [("claude-cli/", "claude-code"), ("claude-code/", "claude-code"), ("codex", "codex"), ("GeminiCLI", "gemini-cli"), ("QwenCode", "qwen-code")];

    /// <summary>The caller as decisions see it.</summary>
    public static DecisionCaller Of(HttpContext context, Caller caller, string? claimedUser)
    {
        string agent = context.Request.Headers.UserAgent.ToString();
        return new DecisionCaller
        {
            KeyId = caller.KeyId,
            User = caller.User,
            Project = caller.Project,
            Agent = Agents.FirstOrDefault(known => agent.StartsWith(known.Prefix, StringComparison.OrdinalIgnoreCase)).Kind,
            Session = Session(context, claimedUser),
            Address = context.Connection.RemoteIpAddress?.ToString(),
            Verified = [.. Vouched(caller)],
        };
    }

    private static string? Session(HttpContext context, string? claimedUser)
    {
        foreach (string name in SessionHeaders)
        {
            if (DecisionContext.Id(context.Request.Headers[name]) is { } id)
            {
                return id;
            }
        }

        // Claude Code puts its session behind the user id of the metadata.
        const string mark = "_session_";
        int at = claimedUser?.LastIndexOf(mark, StringComparison.Ordinal) ?? -1;
        return at < 0 ? null : DecisionContext.Id(claimedUser![(at + mark.Length)..]);
    }

    private static IEnumerable<string> Vouched(Caller caller)
    {
        if (caller.User is not null)
        {
            yield return "user";
        }

        if (caller.Project is not null)
        {
            yield return "project";
        }
    }
}
