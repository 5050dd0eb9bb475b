using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Muniment.Cli.Hooks;

/// <summary>
/// A decision in the words of the agent's hook. What is allowed is answered with <c>{}</c>: the agent goes on as if nobody had asked, with its own permissions; a policy that has no objection is no
/// reason to skip them. Pure.
/// </summary>
internal static class HookAnswer
{
    /// <summary>No objection.</summary>
    public const string Nothing = "{}";

    /// <summary>The answer to a decision.</summary>
    public static string Of(HookAgent agent, JsonElement decision)
    {
        string result = decision.GetProperty("result"u8).GetString()!;
        string id = decision.GetProperty("decision_id"u8).GetString()!;
        if (result == "denied")
        {
            return Deny(agent, $"{Why(decision)} (decision {id})");
        }

        if (result != "redacted" || !decision.TryGetProperty("tool"u8, out JsonElement tool) || !tool.TryGetProperty("args"u8, out JsonElement args))
        {
            return Nothing;
        }

        string reason = $"{Policy(decision)} replaced what may not leave here (decision {id})";
        return agent switch
        {
            HookAgent.GeminiCli => Write(json =>
            {
                json.WriteStartObject("hookSpecificOutput"u8);
                json.WritePropertyName("tool_input"u8);
                args.WriteTo(json);
                json.WriteEndObject();
            }),
            // A human sees the replaced input before it is used.
            HookAgent.ClaudeCode => PreToolUse("ask", reason, args),
            _ => Deny(agent, $"{reason}; leave it out and try again"),
        };
    }

    /// <summary>The answer that stops the tool.</summary>
    public static string Deny(HookAgent agent, string reason) => agent is HookAgent.GeminiCli
        ? Write(json =>
        {
            json.WriteString("decision"u8, "deny"u8);
            json.WriteString("reason"u8, reason);
        })
        : PreToolUse("deny", reason, default);

    private static string Why(JsonElement decision)
    {
        string? reason = decision.GetProperty("reason"u8).GetString();
        if (reason == "approval_required" && decision.TryGetProperty("approval"u8, out JsonElement approval) && approval.ValueKind is JsonValueKind.Object)
        {
            return $"{Policy(decision)} wants this approved by somebody else: approval {approval.GetProperty("id"u8).GetString()}. Try the same call again when it is";
        }

        return reason is null ? $"Denied by {Policy(decision)}" : $"Denied by {Policy(decision)}: {reason}";
    }

    private static string Policy(JsonElement decision)
    {
        JsonElement policy = decision.GetProperty("policy"u8);
        return $"policy {policy.GetProperty("id"u8).GetString()} v{policy.GetProperty("version"u8)}";
    }

    private static string PreToolUse(string verdict, string reason, JsonElement input) => Write(json =>
    {
        json.WriteStartObject("hookSpecificOutput"u8);
        json.WriteString("hookEventName"u8, "PreToolUse"u8);
        json.WriteString("permissionDecision"u8, verdict);
        json.WriteString("permissionDecisionReason"u8, reason);
        if (input.ValueKind is not JsonValueKind.Undefined)
        {
            json.WritePropertyName("updatedInput"u8);
            input.WriteTo(json);
        }

        json.WriteEndObject();
    });

    private static string Write(Action<Utf8JsonWriter> members)
    {
        var output = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
