using System.Text.Json;

namespace Muniment.Testing.Upstreams;

/// <summary>Chat completions and legacy completions as OpenAI writes them.</summary>
internal static class ChatWire
{
    public static string Plain(FakeAnswer answer, string model, int choices, bool legacy)
    {
        string all = string.Join(",", Enumerable.Range(0, choices).Select(i => legacy
            ? $"{{\"index\":{i},\"text\":{Text(answer.Text)},\"logprobs\":null,\"finish_reason\":\"stop\"}}"
            : $"{{\"index\":{i},\"message\":{{\"role\":\"assistant\",\"content\":{Text(answer.Text)},\"refusal\":{Text(answer.Refusal)}{Reasoning(answer)}{Tools(answer)}}},\"logprobs\":null,\"finish_reason\":\"{(answer.Arguments is null ? "stop" : "tool_calls")}\"}}"));
        return $"{{\"id\":\"chatcmpl-1\",\"object\":\"{(legacy ? "text_completion" : "chat.completion")}\",\"created\":1700000000,\"model\":\"{model}-2024\",\"choices\":[{all}],{Usage(answer)}}}";
    }

    public static IEnumerable<string> Frames(FakeAnswer answer, string model, int choices, bool usage, bool legacy)
    {
        string head = $"\"id\":\"chatcmpl-1\",\"object\":\"{(legacy ? "text_completion" : "chat.completion.chunk")}\",\"created\":1700000000,\"model\":\"{model}-2024\",\"system_fingerprint\":\"fp_1\"";
        string tail = usage ? ",\"usage\":null" : "";
        string Frame(int choice, string delta, string finish = "null") =>
            $"data: {{{head},\"choices\":[{{\"index\":{choice},{(legacy ? delta : "\"delta\":" + delta)},\"logprobs\":null,\"finish_reason\":{finish}}}]{tail}}}\n\n";
        for (int i = 0; i < choices; i++)
        {
            if (legacy)
            {
                foreach (string piece in answer.Pieces(answer.Text))
                {
                    yield return Frame(i, $"\"text\":{Text(piece)}");
                }

                yield return Frame(i, "\"text\":\"\"", "\"stop\"");
                continue;
            }

            yield return Frame(i, """{"role":"assistant","content":""}""");
            foreach ((string name, string? text) in new[] { ("reasoning_content", answer.Reasoning), ("refusal", answer.Refusal), ("content", answer.Text) })
            {
                foreach (string piece in answer.Pieces(text ?? ""))
                {
                    yield return Frame(i, $"{{\"{name}\":{Text(piece)}}}");
                }
            }

            if (answer.Arguments is { } arguments)
            {
                yield return Frame(i, """{"tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"lookup","arguments":""}}]}""");
                foreach (string piece in answer.Pieces(arguments))
                {
                    yield return Frame(i, $"{{\"tool_calls\":[{{\"index\":0,\"function\":{{\"arguments\":{Text(piece)}}}}}]}}");
                }
            }

            yield return Frame(i, "{}", answer.Arguments is null ? "\"stop\"" : "\"tool_calls\"");
        }

        if (usage)
        {
            yield return $"data: {{{head},\"choices\":[],{Usage(answer)}}}\n\n";
        }

        yield return "data: [DONE]\n\n";
    }

    private static string Usage(FakeAnswer a) =>
        $"\"usage\":{{\"prompt_tokens\":{a.InputTokens + a.CachedTokens},\"completion_tokens\":{a.OutputTokens},\"total_tokens\":{a.InputTokens + a.CachedTokens + a.OutputTokens},\"prompt_tokens_details\":{{\"cached_tokens\":{a.CachedTokens}}},\"completion_tokens_details\":{{\"reasoning_tokens\":5}}}}";

    private static string Reasoning(FakeAnswer answer) => answer.Reasoning is null ? "" : $",\"reasoning_content\":{Text(answer.Reasoning)}";

    private static string Tools(FakeAnswer answer) =>
        answer.Arguments is null ? "" : $",\"tool_calls\":[{{\"id\":\"call_1\",\"type\":\"function\",\"function\":{{\"name\":\"lookup\",\"arguments\":{Text(answer.Arguments)}}}}}]";

    private static string Text(string? text) => JsonSerializer.Serialize(text);
}
