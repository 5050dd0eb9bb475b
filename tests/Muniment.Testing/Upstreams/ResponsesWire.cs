using System.Text.Json;

namespace Muniment.Testing.Upstreams;

/// <summary>The Responses API as OpenAI writes it.</summary>
internal static class ResponsesWire
{
    public static string Plain(FakeAnswer answer, string model) => Response(answer, model, "completed", full: true);

    public static IEnumerable<string> Frames(FakeAnswer answer, string model)
    {
        int number = 0;
        string Frame(string type, string members) => $"event: {type}\ndata: {{\"type\":\"{type}\",{members},\"sequence_number\":{number++}}}\n\n";
        yield return Frame("response.created", $"\"response\":{Response(answer, model, "in_progress", full: false)}");
        yield return Frame("response.in_progress", $"\"response\":{Response(answer, model, "in_progress", full: false)}");
        int index = 0;
        if (answer.Reasoning is { } reasoning)
        {
            yield return Frame("response.output_item.added", $"\"output_index\":{index},\"item\":{{\"id\":\"rs_1\",\"type\":\"reasoning\",\"summary\":[]}}");
            yield return Frame("response.reasoning_summary_part.added", $"\"item_id\":\"rs_1\",\"output_index\":{index},\"summary_index\":0,\"part\":{{\"type\":\"summary_text\",\"text\":\"\"}}");
            foreach (string piece in answer.Pieces(reasoning))
            {
                yield return Frame("response.reasoning_summary_text.delta", $"\"item_id\":\"rs_1\",\"output_index\":{index},\"summary_index\":0,\"delta\":{Text(piece)}");
            }

            yield return Frame("response.reasoning_summary_text.done", $"\"item_id\":\"rs_1\",\"output_index\":{index},\"summary_index\":0,\"text\":{Text(reasoning)}");
            yield return Frame("response.output_item.done", $"\"output_index\":{index},\"item\":{ReasoningItem(answer)}");
            index++;
        }

        string kind = answer.Refusal is null ? "output_text" : "refusal";
        string text = answer.Refusal ?? answer.Text;
        yield return Frame("response.output_item.added", $"\"output_index\":{index},\"item\":{{\"id\":\"msg_1\",\"type\":\"message\",\"status\":\"in_progress\",\"role\":\"assistant\",\"content\":[]}}");
        yield return Frame("response.content_part.added", $"\"item_id\":\"msg_1\",\"output_index\":{index},\"content_index\":0,\"part\":{Part(answer, "")}");
        foreach (string piece in answer.Pieces(text))
        {
            yield return Frame($"response.{kind}.delta", $"\"item_id\":\"msg_1\",\"output_index\":{index},\"content_index\":0,\"delta\":{Text(piece)}{(answer.Refusal is null ? ",\"logprobs\":[]" : "")}");
        }

        yield return Frame($"response.{kind}.done", $"\"item_id\":\"msg_1\",\"output_index\":{index},\"content_index\":0,\"{(answer.Refusal is null ? "text" : "refusal")}\":{Text(text)}{(answer.Refusal is null ? ",\"logprobs\":[]" : "")}");
        yield return Frame("response.content_part.done", $"\"item_id\":\"msg_1\",\"output_index\":{index},\"content_index\":0,\"part\":{Part(answer, text)}");
        yield return Frame("response.output_item.done", $"\"output_index\":{index},\"item\":{Message(answer)}");
        if (answer.Arguments is { } arguments)
        {
            index++;
            yield return Frame("response.output_item.added", $"\"output_index\":{index},\"item\":{{\"id\":\"fc_1\",\"type\":\"function_call\",\"status\":\"in_progress\",\"call_id\":\"call_1\",\"name\":\"lookup\",\"arguments\":\"\"}}");
            foreach (string piece in answer.Pieces(arguments))
            {
                yield return Frame("response.function_call_arguments.delta", $"\"item_id\":\"fc_1\",\"output_index\":{index},\"delta\":{Text(piece)}");
            }

            yield return Frame("response.function_call_arguments.done", $"\"item_id\":\"fc_1\",\"output_index\":{index},\"arguments\":{Text(arguments)}");
            yield return Frame("response.output_item.done", $"\"output_index\":{index},\"item\":{Call(answer)}");
        }

        yield return Frame("response.completed", $"\"response\":{Response(answer, model, "completed", full: true)}");
    }

    private static string Response(FakeAnswer a, string model, string status, bool full)
    {
        string output = full ? string.Join(",", new[] { a.Reasoning is null ? null : ReasoningItem(a), Message(a), a.Arguments is null ? null : Call(a) }.Where(item => item is not null)) : "";
        string usage = full
            ? $"{{\"input_tokens\":{a.InputTokens + a.CachedTokens},\"input_tokens_details\":{{\"cached_tokens\":{a.CachedTokens}}},\"output_tokens\":{a.OutputTokens},\"output_tokens_details\":{{\"reasoning_tokens\":5}},\"total_tokens\":{a.InputTokens + a.CachedTokens + a.OutputTokens}}}"
            : "null";
        return $"{{\"id\":\"resp_1\",\"object\":\"response\",\"created_at\":1700000000,\"status\":\"{status}\",\"model\":\"{model}-2025\",\"error\":null,\"output\":[{output}],\"parallel_tool_calls\":true,\"tools\":[],\"usage\":{usage}}}";
    }

    private static string ReasoningItem(FakeAnswer answer) => $"{{\"id\":\"rs_1\",\"type\":\"reasoning\",\"summary\":[{{\"type\":\"summary_text\",\"text\":{Text(answer.Reasoning)}}}]}}";

    private static string Message(FakeAnswer answer) => $"{{\"id\":\"msg_1\",\"type\":\"message\",\"status\":\"completed\",\"role\":\"assistant\",\"content\":[{Part(answer, answer.Refusal ?? answer.Text)}]}}";

    private static string Part(FakeAnswer answer, string text) =>
        answer.Refusal is null ? $"{{\"type\":\"output_text\",\"text\":{Text(text)},\"annotations\":[],\"logprobs\":[]}}" : $"{{\"type\":\"refusal\",\"refusal\":{Text(text)}}}";

    private static string Call(FakeAnswer answer) => $"{{\"id\":\"fc_1\",\"type\":\"function_call\",\"status\":\"completed\",\"call_id\":\"call_1\",\"name\":\"lookup\",\"arguments\":{Text(answer.Arguments)}}}";

    private static string Text(string? text) => JsonSerializer.Serialize(text);
}
