using System.Text.Json;

namespace Muniment.Testing.Upstreams;

/// <summary>Messages as Anthropic writes them.</summary>
internal static class MessagesWire
{
    private const string Signature = "EqQBCkYIARgCKkDvVGhpcyBpcyBub3QgYSByZWFsIHNpZ25hdHVyZSwgb25seSBsb25nIGVub3VnaCB0byBsb29rIGxpa2Ugb25lIQ";

    public static string Plain(FakeAnswer answer, string model)
    {
        string thinking = answer.Reasoning is null ? "" : $"{{\"type\":\"thinking\",\"thinking\":{Text(answer.Reasoning)},\"signature\":\"{Signature}\"}},";
        string tool = answer.Arguments is null ? "" : $",{{\"type\":\"tool_use\",\"id\":\"toolu_1\",\"name\":\"lookup\",\"input\":{answer.Arguments}}}";
        return $"{{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"{model}-2025\",\"content\":[{thinking}{{\"type\":\"text\",\"text\":{Text(answer.Refusal ?? answer.Text)}}}{tool}],\"stop_reason\":\"{(answer.Arguments is null ? "end_turn" : "tool_use")}\",\"stop_sequence\":null,\"usage\":{{\"input_tokens\":{answer.InputTokens},\"cache_creation_input_tokens\":0,\"cache_read_input_tokens\":{answer.CachedTokens},\"output_tokens\":{answer.OutputTokens}}}}}";
    }

    public static IEnumerable<string> Frames(FakeAnswer answer, string model)
    {
        yield return Frame("message_start", $"\"message\":{{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"{model}-2025\",\"content\":[],\"stop_reason\":null,\"stop_sequence\":null,\"usage\":{{\"input_tokens\":{answer.InputTokens},\"cache_creation_input_tokens\":0,\"cache_read_input_tokens\":{answer.CachedTokens},\"output_tokens\":1}}}}");
        yield return "event: ping\ndata: {\"type\": \"ping\"}\n\n";
        int index = 0;
        if (answer.Reasoning is { } reasoning)
        {
            yield return Frame("content_block_start", $"\"index\":{index},\"content_block\":{{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"\"}}");
            foreach (string piece in answer.Pieces(reasoning))
            {
                yield return Frame("content_block_delta", $"\"index\":{index},\"delta\":{{\"type\":\"thinking_delta\",\"thinking\":{Text(piece)}}}");
            }

            yield return Frame("content_block_delta", $"\"index\":{index},\"delta\":{{\"type\":\"signature_delta\",\"signature\":\"{Signature}\"}}");
            yield return Frame("content_block_stop", $"\"index\":{index}");
            index++;
        }

        yield return Frame("content_block_start", $"\"index\":{index},\"content_block\":{{\"type\":\"text\",\"text\":\"\"}}");
        foreach (string piece in answer.Pieces(answer.Refusal ?? answer.Text))
        {
            yield return Frame("content_block_delta", $"\"index\":{index},\"delta\":{{\"type\":\"text_delta\",\"text\":{Text(piece)}}}");
        }

        yield return Frame("content_block_stop", $"\"index\":{index}");
        if (answer.Arguments is { } arguments)
        {
            index++;
            yield return Frame("content_block_start", $"\"index\":{index},\"content_block\":{{\"type\":\"tool_use\",\"id\":\"toolu_1\",\"name\":\"lookup\",\"input\":{{}}}}");
            foreach (string piece in answer.Pieces(arguments))
            {
                yield return Frame("content_block_delta", $"\"index\":{index},\"delta\":{{\"type\":\"input_json_delta\",\"partial_json\":{Text(piece)}}}");
            }

            yield return Frame("content_block_stop", $"\"index\":{index}");
        }

        yield return Frame("message_delta", $"\"delta\":{{\"stop_reason\":\"{(answer.Arguments is null ? "end_turn" : "tool_use")}\",\"stop_sequence\":null}},\"usage\":{{\"output_tokens\":{answer.OutputTokens}}}");
        yield return "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";
    }

    private static string Frame(string type, string members) => $"event: {type}\ndata: {{\"type\":\"{type}\",{members}}}\n\n";

    private static string Text(string? text) => JsonSerializer.Serialize(text);
}
