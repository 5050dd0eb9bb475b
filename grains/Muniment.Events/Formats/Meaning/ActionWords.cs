using System.Collections.Frozen;

namespace Muniment.Events.Formats.Meaning;

/// <summary>
/// The one table that says what an action's words mean. An action is <c>resource.verb</c>; agents' own event names (<c>codex.tool_result</c>, <c>gemini_cli.api_request</c>)
/// are looked up without the agent's prefix. A word that the table does not know is <see cref="ActionFamily.Other"/>, and the formats' most general class carries it.
/// </summary>
internal static class ActionWords
{
    private static readonly string[] AgentPrefixes = ["claude_code.", "codex.", "gemini_cli.", "qwen-code.", "copilot_chat.", "github.copilot."];

    private static readonly FrozenDictionary<string, (ActionFamily Family, ActionVerb Verb)> Whole = Table(
        "user.role_change Access Update, user.grant Access Create, user.revoke Access Delete, key.bind Access Update, user.login Authentication Login, user.logout Authentication Logout,",
        "destination.resume Configuration Enable, destination.pause Configuration Disable, tenant.visit Configuration Read, permission_mode.change Configuration Update,",
        "plugin.install Application Install, plugin.load Application Start, package.install Application Install, hook.register Configuration Create,",
        "audit.export Log Export, audit.read Log Read, audit.query Log Read, retention.purge Log Delete, backup.create Log Export, evidence.create Log Export, decision.interrupted Model Stop,",
        "tool_result Tool Execute, tool_call Tool Execute, tool_decision Tool Execute, hook_call Tool Execute, hook_execution_start Tool Start, hook_execution_complete Tool Stop,",
        "skill_activated Tool Start, sandbox_outcome Command Execute, file_operation File Other, mcp_server_connection Mcp Start, user_prompt Model Create, assistant_response Model Read,",
        "api_request Model Execute, api_response Model Read, api_error Model Execute, api_refusal Model Execute, api_retries_exhausted Model Execute, sse_event Model Read, llm_call Model Execute,",
        "websocket_connect Model Start, websocket_request Model Execute, model_routing Model Read, gen_ai.client.inference.operation.details Model Execute, chat Model Execute,",
        "conversation_starts Application Start, conversation_finished Application Stop, config Configuration Read, auth Authentication Login, permission_mode_changed Configuration Update,",
        "plugin_installed Application Install, plugin_loaded Application Start, extension_install Application Install, extension_uninstall Application Delete, extension_update Application Update,",
        "extension_enable Application Enable, extension_disable Application Disable, execute Command Execute, deploy Application Update, modify File Update, approve Configuration Update,",
        "login Authentication Login, logout Authentication Logout, read File Read, write File Update, delete File Delete, create File Create");

    private static readonly FrozenDictionary<string, (ActionFamily Family, ActionVerb Verb)> Resources = Table(
        "model Model, prompt Model, response Model, llm Model, gen_ai Model, decision Model, tool Tool, hook Tool, skill Tool, subagent Application, agent Application, secret Tool, mcp Mcp,",
        "command Command, sandbox Command, exec Command, process Command, file File, patch File, git Repository, pr Repository, repo Repository, commit Repository, auth Authentication,",
        "user Account, scim Account, role Access, policy Configuration, config Configuration, key Configuration, apikey Configuration, destination Configuration, settings Configuration,",
        "tenant Configuration, upstream Configuration, rule Configuration, retention Configuration, hold Configuration, org Configuration, egress Configuration, approval Configuration,",
        "plugin Application, package Application, session Application, collector Application, platform Application, log Other, span Other, alert Alert, audit Log, erasure Log, export Log,",
        "evidence Log, backup Log, journal Log, network Tool");

    private static readonly FrozenDictionary<string, (ActionFamily Family, ActionVerb Verb)> Verbs = Table(
        "create Other Create, add Other Create, submit Other Create, register Other Create, fire Other Create, grant Other Create, read Other Read, get Other Read, list Other Read,",
        "query Other Read, view Other Read, visit Other Read, receive Other Read, respond Other Read, search Other Read, update Other Update, modify Other Update, write Other Update,",
        "change Other Update, rotate Other Update, replay Other Update, rewind Other Update, set Other Update, edit Other Update, apply Other Update, merge Other Update, comment Other Update,",
        "commit Other Update, push Other Update, role_change Other Update, ack Other Update, sync Other Update, delete Other Delete, remove Other Delete, revoke Other Delete, purge Other Delete,",
        "close Other Stop, rename Other Rename, move Other Rename, execute Other Execute, invoke Other Execute, call Other Execute, run Other Execute, request Other Execute, start Other Start,",
        "resume Other Start, connect Other Start, load Other Start, end Other Stop, stop Other Stop, disconnect Other Stop, interrupted Other Stop, enable Other Enable, disable Other Disable,",
        "pause Other Disable, install Other Install, login Other Login, logout Other Logout, fail Other Execute, export Other Export, clear Other Clear, rollback Other Update");

    private static readonly FrozenDictionary<string, (ActionFamily, ActionVerb)>.AlternateLookup<ReadOnlySpan<char>> WholeBySpan = Whole.GetAlternateLookup<ReadOnlySpan<char>>();
    private static readonly FrozenDictionary<string, (ActionFamily, ActionVerb)>.AlternateLookup<ReadOnlySpan<char>> ResourceBySpan = Resources.GetAlternateLookup<ReadOnlySpan<char>>();
    private static readonly FrozenDictionary<string, (ActionFamily, ActionVerb)>.AlternateLookup<ReadOnlySpan<char>> VerbBySpan = Verbs.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Reads an action.</summary>
    public static void Classify(ReadOnlySpan<char> action, out ActionFamily family, out ActionVerb verb)
    {
        foreach (string prefix in AgentPrefixes)
        {
            if (action.StartsWith(prefix, StringComparison.Ordinal))
            {
                action = action[prefix.Length..];
                break;
            }
        }

        if (WholeBySpan.TryGetValue(action, out (ActionFamily, ActionVerb) whole))
        {
            (family, verb) = whole;
            return;
        }

        int first = action.IndexOf('.');
        family = ResourceBySpan.TryGetValue(first < 0 ? action : action[..first], out (ActionFamily Family, ActionVerb) resource) ? resource.Family : ActionFamily.Other;
        verb = first >= 0 && VerbBySpan.TryGetValue(action[(action.LastIndexOf('.') + 1)..], out (ActionFamily, ActionVerb Verb) last) ? last.Verb : ActionVerb.Other;
        if (family == ActionFamily.Authentication && verb == ActionVerb.Execute)
        {
            verb = ActionVerb.Login; // auth.fail is a login that failed
        }
    }

    private static FrozenDictionary<string, (ActionFamily, ActionVerb)> Table(params string[] rows) =>
        string.Concat(rows).Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(r => r.Split(' ')).ToFrozenDictionary(
            r => r[0], r => (Enum.Parse<ActionFamily>(r[1]), r.Length > 2 ? Enum.Parse<ActionVerb>(r[2]) : ActionVerb.Other), StringComparer.Ordinal);
}
