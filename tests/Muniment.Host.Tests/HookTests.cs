using System.Text;
using System.Text.Json;
using Muniment.Cli.Hooks;

namespace Muniment.Host.Tests;

/// <summary>What agents' hooks say becomes a call, and a decision becomes what they want to hear.</summary>
public sealed class HookTests
{
    private const string Denied = """{"decision_id":"d1","result":"denied","reason":"no shells","policy":{"id":"p","version":3,"rule":"r"},"risk":"high","content":null,"approval":null}""";

    [Theory]
    [InlineData(
        """{"session_id":"s","cwd":"/w","permission_mode":"acceptEdits","hook_event_name":"PreToolUse","tool_name":"Bash","tool_input":{"command":"ls -l","description":"x"},"tool_use_id":"t"}""",
        """{"action":"command.execute","agent":"claude-code","session":"s","mode":"acceptEdits","tool":{"name":"Bash","namespace":"native","command":"ls -l","args":{"command":"ls -l","description":"x"}}}""")]
    [InlineData(
        """{"session_id":"s","turn_id":"1","hook_event_name":"PreToolUse","tool_name":"shell","tool_input":{"command":["bash","-lc","rm -rf 'x y'"]}}""",
        """{"action":"command.execute","agent":"codex","session":"s","tool":{"name":"shell","namespace":"native","command":"bash -lc \u0027rm -rf \u0027\\\u0027\u0027x y\u0027\\\u0027\u0027\u0027","args":{"command":["bash","-lc","rm -rf \u0027x y\u0027"]}}}""")]
    [InlineData(
        """{"session_id":"s","hook_event_name":"BeforeTool","tool_name":"run_shell_command","tool_input":{"command":"git push"}}""",
        """{"action":"command.execute","agent":"gemini-cli","session":"s","tool":{"name":"run_shell_command","namespace":"native","command":"git push","args":{"command":"git push"}}}""")]
    [InlineData(
        """{"hook_event_name":"PreToolUse","tool_name":"mcp__github__create_issue","tool_input":{"title":"x"}}""",
        """{"action":"mcp.call","agent":"claude-code","target":"github","tool":{"name":"create_issue","namespace":"mcp","server":"github","args":{"title":"x"}}}""")]
    [InlineData(
        """{"hook_event_name":"PreToolUse","tool_name":"Read","tool_input":{"file_path":"/etc/passwd"}}""",
        """{"action":"tool.call","agent":"claude-code","tool":{"name":"Read","namespace":"native","args":{"file_path":"/etc/passwd"}}}""")]
    public void A_hook_is_a_call(string input, string body)
    {
        HookCall call = HookCall.Read(Encoding.UTF8.GetBytes(input), null, out _)!;
        Assert.True(JsonElement.DeepEquals(JsonElement.Parse(body), JsonElement.Parse(Encoding.UTF8.GetString(call.Body.Span))), Encoding.UTF8.GetString(call.Body.Span));
    }

    [Theory]
    [InlineData("", "no JSON")]
    [InlineData("[1]", "no JSON")]
    [InlineData("""{"hook_event_name":"PostToolUse","tool_name":"Bash"}""", "PostToolUse")]
    [InlineData("""{"hook_event_name":"PreToolUse"}""", "tool_name")]
    public void What_is_no_hook_is_said(string input, string part)
    {
        Assert.Null(HookCall.Read(Encoding.UTF8.GetBytes(input), null, out string why));
        Assert.Contains(part, why, StringComparison.Ordinal);
    }

    [Fact]
    public void A_denial_is_said_in_each_agents_words()
    {
        const string reason = "Denied by policy p v3: no shells (decision d1)";
        foreach (HookAgent agent in new[] { HookAgent.ClaudeCode, HookAgent.Codex })
        {
            JsonElement output = JsonElement.Parse(HookAnswer.Of(agent, JsonElement.Parse(Denied))).GetProperty("hookSpecificOutput");
            Assert.Equal(("PreToolUse", "deny", reason), (
                output.GetProperty("hookEventName").GetString(), output.GetProperty("permissionDecision").GetString(), output.GetProperty("permissionDecisionReason").GetString()));
        }

        JsonElement gemini = JsonElement.Parse(HookAnswer.Of(HookAgent.GeminiCli, JsonElement.Parse(Denied)));
        Assert.Equal(("deny", reason), (gemini.GetProperty("decision").GetString(), gemini.GetProperty("reason").GetString()));
    }

    [Fact]
    public void What_is_allowed_leaves_the_agents_own_permissions_alone() => Assert.All(
        Enum.GetValues<HookAgent>(), agent => Assert.Equal("{}", HookAnswer.Of(agent, JsonElement.Parse(Denied.Replace("denied", "allowed", StringComparison.Ordinal)))));

    [Fact]
    public void An_approval_that_is_needed_is_named()
    {
        string wanted = Denied.Replace("no shells", "approval_required", StringComparison.Ordinal).Replace("\"approval\":null", "\"approval\":{\"state\":\"required\",\"id\":\"a1\"}", StringComparison.Ordinal);
        Assert.Contains("approval a1", HookAnswer.Of(HookAgent.ClaudeCode, JsonElement.Parse(wanted)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_redacted_input_is_replaced_where_the_agent_can()
    {
        JsonElement decision = JsonElement.Parse("""{"decision_id":"d1","result":"redacted","reason":null,"policy":{"id":"p","version":3,"rule":"r"},"tool":{"args":{"to":"[EMAIL]"}}}""");
        Assert.Equal("[EMAIL]", JsonElement.Parse(HookAnswer.Of(HookAgent.GeminiCli, decision)).GetProperty("hookSpecificOutput").GetProperty("tool_input").GetProperty("to").GetString());
        JsonElement claude = JsonElement.Parse(HookAnswer.Of(HookAgent.ClaudeCode, decision)).GetProperty("hookSpecificOutput");
        Assert.Equal(("ask", "[EMAIL]"), (claude.GetProperty("permissionDecision").GetString(), claude.GetProperty("updatedInput").GetProperty("to").GetString()));
        Assert.Equal("deny", JsonElement.Parse(HookAnswer.Of(HookAgent.Codex, decision)).GetProperty("hookSpecificOutput").GetProperty("permissionDecision").GetString());
    }
}
