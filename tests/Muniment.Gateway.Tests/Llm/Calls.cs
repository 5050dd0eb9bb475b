using System.Text.Json;
using System.Text.Json.Nodes;

namespace Muniment.Gateway.Tests.Llm;

/// <summary>Bodies of the three APIs with a text in each place where texts can be.</summary>
internal static class Calls
{
    public const string Secret = "jane.roe" + "@" + "contoso-bank.de";

    public const string Redact = """
        rules:
          - id: secrets
            on: [model.invoke, model.respond, tool.call]
            detect: [secrets, credit_card, email, iban, us_ssn, jwt, private_key]
            then: redact
        """;

    public static readonly string[] Places = ["system", "first", "last", "tool_result", "tool_definition", "tool_arguments", "content_part"];

    public static string Path(string api) => api switch { "chat" => "/llm/oai/v1/chat/completions", "responses" => "/llm/oai/v1/responses", _ => "/llm/ant/v1/messages" };

    /// <summary>A body with <paramref name="text"/> at a place.</summary>
    public static string Body(string api, string place, string text, bool streamed, int n = 1)
    {
        string At(string here) => JsonSerializer.Serialize(here == place ? $"before {text} after" : $"plain {here}");
        string arguments = JsonSerializer.Serialize(place == "tool_arguments" ? new JsonObject { ["to"] = text, ["n"] = 1 }.ToJsonString() : "{\"to\":\"nobody\"}");
        string input = place == "tool_arguments" ? new JsonObject { ["to"] = text, ["n"] = 1 }.ToJsonString() : "{\"to\":\"nobody\"}";
        string body = api switch
        {
            "chat" => $$$"""
                {"model":"gpt-4o","stream":{{{(streamed ? "true" : "false")}}},"n":{{{n}}},"messages":[{"role":"system","content":{{{At("system")}}} },{"role":"user","content":{{{At("first")}}} },
                {"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"mail","arguments":{{{arguments}}} } }]},{"role":"tool","tool_call_id":"c1","content":{{{At("tool_result")}}} },
                {"role":"user","content":[{"type":"text","text":{{{At("content_part")}}} }]},{"role":"user","content":{{{At("last")}}} }],
                "tools":[{"type":"function","function":{"name":"mail","description":{{{At("tool_definition")}}},"parameters":{"type":"object"} } }]}
                """,
            "responses" => $$$"""
                {"model":"o3","stream":{{{(streamed ? "true" : "false")}}},"instructions":{{{At("system")}}},"input":[{"role":"user","content":{{{At("first")}}} },
                {"type":"function_call","call_id":"c1","name":"mail","arguments":{{{arguments}}} },{"type":"function_call_output","call_id":"c1","output":{{{At("tool_result")}}} },
                {"role":"user","content":[{"type":"input_text","text":{{{At("content_part")}}} }]},{"role":"user","content":{{{At("last")}}} }],
                "tools":[{"type":"function","name":"mail","description":{{{At("tool_definition")}}},"parameters":{"type":"object"}}]}
                """,
            _ => $$$"""
                {"model":"claude-x","max_tokens":100,"stream":{{{(streamed ? "true" : "false")}}},"system":[{"type":"text","text":{{{At("system")}}} }],"messages":[{"role":"user","content":{{{At("first")}}} },
                {"role":"assistant","content":[{"type":"tool_use","id":"t1","name":"mail","input":{{{input}}} }]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":{{{At("tool_result")}}} },
                {"type":"text","text":{{{At("content_part")}}} }]},{"role":"assistant","content":"ok"},{"role":"user","content":{{{At("last")}}} }],
                "tools":[{"name":"mail","description":{{{At("tool_definition")}}},"input_schema":{"type":"object"}}]}
                """,
        };
        return body;
    }
}
