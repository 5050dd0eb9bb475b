using System.Text;
using System.Text.Json;
using Muniment.Events.Canonical;

namespace Muniment.Gateway.Tests.Llm;

/// <summary>The rest of the matrix for answers: every place in which an upstream can write a text, whole and in pieces, in all surfaces, and in the disguises that a text can have.</summary>
[Collection(nameof(LlmDoor))]
public sealed class AnswerPlacesTests(LlmDoor door)
{
    private const string Whole = "write to SECRET soon";

    // T stands for the whole text as a JSON string, A for arguments that hold it, I for the same as an object.
    private static readonly (string Name, string Path, string Body)[] Plain =
    [
        ("chat parts", "chat", """{"id":"c","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":[{"type":"text","text":T},{"type":"refusal","refusal":T}]},"finish_reason":"stop"}]}"""),
        ("chat n=2", "chat", """{"id":"c","model":"m","choices":[{"index":0,"message":{"content":"fine"}},{"index":1,"message":{"content":T,"tool_calls":[{"id":"x","type":"function","function":{"name":"f","arguments":A}}]}}]}"""),
        ("chat custom tool", "chat", """{"id":"c","model":"m","choices":[{"index":0,"message":{"tool_calls":[{"id":"x","type":"custom","custom":{"name":"f","input":T}}]}}]}"""),
        ("chat function_call", "chat", """{"id":"c","model":"m","choices":[{"index":0,"message":{"function_call":{"name":"f","arguments":A}}}]}"""),
        ("chat audio", "chat", """{"id":"c","model":"m","choices":[{"index":0,"message":{"audio":{"id":"a","data":"AAAA","transcript":T}}}]}"""),
        ("chat annotations", "chat", """{"id":"c","model":"m","choices":[{"index":0,"message":{"content":"x","annotations":[{"type":"url_citation","url_citation":{"title":T,"url":"https://x.example/?q=1"}}]}}]}"""),
        ("chat unknown field", "chat", """{"id":"c","model":"m","choices":[{"index":0,"message":{"content":"x"},"new_thing":{"deep":[T]}}],"note":T}"""),
        ("chat logprobs", "chat", """{"id":"c","model":"m","choices":[{"index":0,"message":{"content":T},"logprobs":{"content":[{"token":"jane.roe@contoso-bank.de","logprob":-1,"bytes":null,"top_logprobs":[]}]}}]}"""),
        ("completions", "/llm/oai/v1/completions", """{"id":"c","model":"m","choices":[{"index":0,"text":"x"},{"index":1,"text":T}]}"""),
        ("responses parts", "responses", """{"id":"r","status":"completed","model":"m","output":[{"type":"message","role":"assistant","content":[{"type":"output_text","text":"x"},{"type":"output_text","text":T,"annotations":[{"type":"file_citation","quote":T}]}]}]}"""),
        ("responses tools", "responses", """{"id":"r","status":"completed","model":"m","output":[{"type":"mcp_call","name":"f","arguments":A,"output":T},{"type":"custom_tool_call","name":"f","input":T},{"type":"web_search_call","action":{"query":T}},{"type":"function_call_output","output":[{"type":"input_text","text":T}]}]}"""),
        ("responses reasoning", "responses", """{"id":"r","status":"completed","model":"m","output":[{"type":"reasoning","summary":[{"type":"summary_text","text":T}],"content":[{"type":"reasoning_text","text":T}]}]}"""),
        ("responses error", "responses", """{"id":"r","status":"failed","model":"m","error":{"code":"server_error","message":T},"output":[],"metadata":{"k":T},"instructions":T}"""),
        ("background", "responses", """{"id":"r","status":"queued","background":true,"model":"m","output":[],"instructions":T}"""),
        ("messages blocks", "messages", """{"id":"m","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"x"},{"type":"text","text":T,"citations":[{"type":"char_location","cited_text":T,"document_title":T}]}],"stop_reason":"end_turn"}"""),
        ("messages tool use", "messages", """{"id":"m","type":"message","role":"assistant","model":"m","content":[{"type":"tool_use","id":"t","name":"f","input":I},{"type":"server_tool_use","id":"s","name":"g","input":I}],"stop_reason":"tool_use"}"""),
        ("messages tool result", "messages", """{"id":"m","type":"message","role":"assistant","model":"m","content":[{"type":"web_search_tool_result","tool_use_id":"s","content":[{"type":"web_search_result","title":T,"url":"https://x.example/"}]},{"type":"code_execution_tool_result","content":{"stdout":T,"stderr":T}}],"stop_reason":"end_turn"}"""),
        ("messages stop details", "messages", """{"id":"m","type":"message","role":"assistant","model":"m","content":[],"stop_reason":"refusal","stop_details":{"type":"refusal","explanation":T}}"""),
        ("retrieval", "GET /llm/oai/v1/responses/resp_1", """{"id":"r","status":"completed","model":"m","output":[{"type":"message","role":"assistant","content":[{"type":"output_text","text":T}]},{"type":"function_call","name":"f","arguments":A}]}"""),
        ("poll", "GET /llm/oai/v1/responses/resp_1", """{"id":"r","status":"in_progress","background":true,"model":"m","output":[],"instructions":T}"""),
        ("cancel", "POST /llm/oai/v1/responses/resp_1/cancel", """{"id":"r","status":"cancelled","model":"m","output":[],"instructions":T}"""),
        ("input items", "GET /llm/oai/v1/responses/resp_1/input_items", """{"object":"list","data":[{"type":"message","role":"user","content":[{"type":"input_text","text":T}]}]}"""),
        ("stored chat", "GET /llm/oai/v1/chat/completions/c", """{"object":"list","data":[{"role":"user","content":T}]}"""),
        ("moderations", "/llm/oai/v1/moderations", """{"id":"x","model":"m","results":[{"flagged":false,"note":T}]}"""),
        ("embeddings", "/llm/oai/v1/embeddings", """{"object":"list","model":"m","data":[{"object":"embedding","index":0,"embedding":[0.1]}],"note":T}"""),
        ("models", "GET /llm/oai/v1/models", """{"object":"list","data":[{"id":"m","object":"model","description":T}]}"""),
        ("file", "GET /llm/oai/v1/files/file_1", """{"id":"file_1","object":"file","filename":T}"""),
        ("batch", "GET /llm/oai/v1/batches/b", """{"id":"b","object":"batch","errors":{"data":[{"message":T}]}}"""),
        ("message batch", "GET /llm/ant/v1/messages/batches/b", """{"id":"b","type":"message_batch","note":T}"""),
        ("count", "/llm/ant/v1/messages/count_tokens", """{"input_tokens":1,"context_management":{"note":T}}"""),
        ("json in a string", "chat", """{"id":"c","model":"m","choices":[{"index":0,"message":{"content":A}}]}"""),
        ("error", "chat 400", """{"error":{"message":T,"type":"x","param":null,"code":null}}"""),
        ("message error", "messages 529", """{"type":"error","error":{"type":"overloaded_error","message":T},"request_id":"r"}"""),
        ("no json", "chat 502", "<html>write to jane.roe@contoso-bank.de</html>"),
    ];

    private const string Done = "data: [DONE]";
    private static readonly string Completed = Event("response.completed", """{"response":{"id":"r","status":"completed","model":"m","output":[{"type":"message","content":[{"type":"output_text","text":T}]}],"usage":null}}""");
    private static readonly string Start = Event("message_start", """{"message":{"id":"m","type":"message","role":"assistant","model":"m","content":[],"usage":{"input_tokens":1,"output_tokens":1}}}""");
    private static readonly string[] Stop = [Event("message_delta", """{"delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":2}}"""), Event("message_stop", "{}")];

    // P stands for the pieces of the text as JSON strings, one frame each; Q for pieces of arguments.
    private static readonly (string Name, string Path, string[] Frames)[] Streams =
    [
        ("chat interleaved", "chat", [Chat(0, """{"content":P0}"""), Chat(1, """{"content":P0}"""), Chat(0, """{"content":P1}"""), Chat(1, """{"content":P1}"""), Done]),
        ("chat two tools", "chat", [
            Chat(0, """{"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":""}},{"index":1,"id":"b","type":"function","function":{"name":"g","arguments":""}}]}"""),
            Chat(0, """{"tool_calls":[{"index":0,"function":{"arguments":Q0}}]}"""), Chat(0, """{"tool_calls":[{"index":1,"function":{"arguments":Q0}}]}"""),
            Chat(0, """{"tool_calls":[{"index":0,"function":{"arguments":Q1}},{"index":1,"function":{"arguments":Q1}}]}"""), Chat(0, "{}", "\"tool_calls\""), Done]),
        ("chat custom tool", "chat", [Chat(0, """{"tool_calls":[{"index":0,"id":"a","type":"custom","custom":{"name":"f","input":P0}}]}"""), Chat(0, """{"tool_calls":[{"index":0,"custom":{"input":P1}}]}"""), Chat(0, "{}", "\"tool_calls\""), Done]),
        ("chat function_call", "chat", [Chat(0, """{"function_call":{"name":"f","arguments":Q0}}"""), Chat(0, """{"function_call":{"arguments":Q1}}"""), Chat(0, "{}", "\"function_call\""), Done]),
        ("chat audio", "chat", [Chat(0, """{"audio":{"transcript":P0}}"""), Chat(0, """{"audio":{"transcript":P1}}"""), Chat(0, "{}", "\"stop\""), Done]),
        ("chat reasoning", "chat", [Chat(0, """{"reasoning":P0}"""), Chat(0, """{"reasoning":P1}"""), Chat(0, "{}", "\"stop\""), Done]),
        ("chat unknown delta", "chat", [Chat(0, """{"new_thing":P0}"""), Chat(0, """{"new_thing":P1}"""), Chat(0, "{}", "\"stop\""), Done]),
        ("chat whole message", "chat", ["""data: {"id":"c","choices":[{"index":0,"message":{"content":T},"finish_reason":"stop"}]}""", Done]),
        ("chat error", "chat", [Chat(0, """{"content":"x"}"""), """data: {"error":{"message":T,"code":"x"}}"""]),
        ("completions", "/llm/oai/v1/completions", ["""data: {"id":"c","choices":[{"index":0,"text":P0}]}""", """data: {"id":"c","choices":[{"index":0,"text":P1,"finish_reason":"stop"}]}""", Done]),
        ("responses custom tool", "responses", Responses("response.custom_tool_call_input", "P", "input")),
        ("responses mcp arguments", "responses", Responses("response.mcp_call_arguments", "Q", "arguments")),
        ("responses reasoning", "responses", Responses("response.reasoning_text", "P", "text")),
        ("responses code", "responses", Responses("response.code_interpreter_call_code", "P", "code")),
        ("responses transcript", "responses", Responses("response.audio.transcript", "P", "transcript")),
        ("responses unknown", "responses", Responses("response.new_thing", "P", "text")),
        ("responses annotation", "responses", [Event("response.output_text.annotation.added", """{"output_index":0,"content_index":0,"annotation":{"type":"url_citation","title":T}}"""), Completed]),
        ("responses failed", "responses", [Event("response.failed", """{"response":{"id":"r","status":"failed","model":"m","error":{"code":"server_error","message":T},"output":[]}}""")]),
        ("responses error", "responses", [Event("error", """{"code":"x","message":T,"param":null}""")]),
        ("retrieval", "GET /llm/oai/v1/responses/resp_1?stream=true", Responses("response.output_text", "P", "text")),
        ("messages start", "messages", [Start, Event("content_block_start", """{"index":0,"content_block":{"type":"text","text":T}}"""), Event("content_block_stop", """{"index":0}"""), .. Stop]),
        ("messages start input", "messages", [Start, Event("content_block_start", """{"index":0,"content_block":{"type":"tool_use","id":"t","name":"f","input":I}}"""), Event("content_block_stop", """{"index":0}"""), .. Stop]),
        ("messages two blocks", "messages", [
            Start, Event("content_block_start", """{"index":0,"content_block":{"type":"text","text":""}}"""), Event("content_block_start", """{"index":1,"content_block":{"type":"tool_use","id":"t","name":"f","input":{}}}"""),
            Event("content_block_delta", """{"index":0,"delta":{"type":"text_delta","text":P0}}"""), Event("content_block_delta", """{"index":1,"delta":{"type":"input_json_delta","partial_json":Q0}}"""),
            Event("content_block_delta", """{"index":0,"delta":{"type":"text_delta","text":P1}}"""), Event("content_block_delta", """{"index":1,"delta":{"type":"input_json_delta","partial_json":Q1}}"""),
            Event("content_block_stop", """{"index":0}"""), Event("content_block_stop", """{"index":1}"""), .. Stop]),
        ("messages citation", "messages", [
            Start, Event("content_block_start", """{"index":0,"content_block":{"type":"text","text":""}}"""), Event("content_block_delta", """{"index":0,"delta":{"type":"citations_delta","citation":{"cited_text":T}}}"""),
            Event("content_block_stop", """{"index":0}"""), .. Stop]),
        ("messages tool result", "messages", [Start, Event("content_block_start", """{"index":0,"content_block":{"type":"web_search_tool_result","content":[{"title":T}]}}"""), Event("content_block_stop", """{"index":0}"""), .. Stop]),
        ("messages unknown delta", "messages", [
            Start, Event("content_block_start", """{"index":0,"content_block":{"type":"new_thing"}}"""), Event("content_block_delta", """{"index":0,"delta":{"type":"new_delta","words":P0}}"""),
            Event("content_block_delta", """{"index":0,"delta":{"type":"new_delta","words":P1}}"""), Event("content_block_stop", """{"index":0}"""), .. Stop]),
        ("messages error", "messages", [Start, Event("error", """{"error":{"type":"overloaded_error","message":T}}""")]),
    ];

    public static TheoryData<string> PlainNames => [.. Plain.Select(p => p.Name)];

    public static TheoryData<string> StreamNames => [.. Streams.Select(s => s.Name)];

    [Theory]
    [MemberData(nameof(PlainNames))]
    public async Task No_place_of_a_whole_answer_lets_a_secret_through(string name)
    {
        (_, string path, string body) = Plain.Single(p => p.Name == name);
        foreach (string disguise in Disguises())
        {
            await AssertHiddenAsync(path, streamed: false, Fill(body, disguise, 0), name);
        }
    }

    [Theory]
    [MemberData(nameof(StreamNames))]
    public async Task No_place_of_a_stream_lets_a_secret_through(string name)
    {
        (_, string path, string[] frames) = Streams.Single(s => s.Name == name);
        foreach (string disguise in Disguises())
        {
            int length = Whole.Length - "SECRET".Length + disguise.Length;
            foreach (int cut in (int[])[10, 14, length / 2, length - 8])
            {
                await AssertHiddenAsync(path, streamed: true, string.Concat(frames.Select(frame => Fill(frame, disguise, cut) + "\n\n")), $"{name}, cut at {cut}");
            }
        }
    }

    private async Task AssertHiddenAsync(string path, bool streamed, string body, string what)
    {
        await door.SetAsync(Calls.Redact);
        string[] words = path.Split(' ');
        int status = words.Length == 2 && int.TryParse(words[1], out int said) ? said : 200;
        door.Upstream.Intercept = async (context, _) =>
        {
            context.Response.StatusCode = status;
            context.Response.ContentType = streamed ? "text/event-stream" : body.StartsWith('<') ? "text/html" : "application/json";
            await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(body));
            return true;
        };
        bool named = words[0] is "GET" or "POST";
        string url = named ? words[1] : words[0].StartsWith('/') ? words[0] : Calls.Path(words[0]);
        string request = url.Contains("/ant/", StringComparison.Ordinal) ? Calls.Body("messages", "none", "", streamed) : url.EndsWith("/responses", StringComparison.Ordinal) ? Calls.Body("responses", "none", "", streamed) : Calls.Body("chat", "none", "", streamed);
        using HttpResponseMessage response = await door.PostAsync(url, named ? "" : request, words[0] is "GET" ? HttpMethod.Get : HttpMethod.Post);
        string answer = await response.Content.ReadAsStringAsync();
        Assert.True((int)response.StatusCode == status, $"{what}: {answer}");
        string shown = Plainly(answer);
        Assert.False(shown.Contains("contoso", StringComparison.Ordinal) || shown.Contains("jane.roe", StringComparison.Ordinal), $"{what}: {answer}");
        Assert.True(answer.Contains("EMAIL", StringComparison.Ordinal), $"{what}: {answer}");
        IReadOnlyList<CanonicalEvent> events = door.Events(LlmDoor.DecisionOf(response));
        Assert.True(status == 200 && !body.Contains("rror\"", StringComparison.Ordinal) && !body.Contains("failed", StringComparison.Ordinal) ? events[1].Result is "redacted" : events[1].Result is "redacted" or "error", $"{what}: {events[1].Result}");
    }

    private static string Fill(string template, string disguise, int cut)
    {
        string text = Whole.Replace("SECRET", disguise, StringComparison.Ordinal);
        string arguments = $"{{\"to\":{Json(text)},\"cc\":\"\\u006aane.roe@contoso-bank.de\"}}";
        int at = Math.Min(cut, text.Length), inArguments = Math.Min(cut + 7, arguments.Length);
        return template
            .Replace("P0", Json(text[..at]), StringComparison.Ordinal).Replace("P1", Json(text[at..]), StringComparison.Ordinal)
            .Replace("Q0", Json(arguments[..inArguments]), StringComparison.Ordinal).Replace("Q1", Json(arguments[inArguments..]), StringComparison.Ordinal)
            .Replace(":T", ":" + Json(text), StringComparison.Ordinal).Replace("[T]", "[" + Json(text) + "]", StringComparison.Ordinal)
            .Replace(":A", ":" + Json(arguments), StringComparison.Ordinal).Replace(":I", ":" + arguments, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Disguises()
    {
        yield return Calls.Secret;
        yield return Calls.Secret.Replace("contoso", "con\u200btoso", StringComparison.Ordinal);
        yield return string.Concat(Calls.Secret.Select(c => c is '@' or '.' or '-' ? c : (char)(c + 0xFEE0)));
    }

    // As a reader of the JSON sees it: joined, without what nobody sees, in plain letters.
    private static string Plainly(string answer)
    {
        var pieces = new StringBuilder();
        foreach (string line in answer.Split('\n'))
        {
            string json = line.StartsWith("data: ", StringComparison.Ordinal) ? line[6..] : line;
            try
            {
                Collect(JsonElement.Parse(json), pieces);
            }
            catch (JsonException)
            {
                pieces.Append(line);
            }
        }

        return pieces.Append(answer).ToString().Replace("\u200b", "", StringComparison.Ordinal).Normalize(NormalizationForm.FormKC);
    }

    private static void Collect(JsonElement element, StringBuilder pieces)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.String:
                pieces.Append(element.GetString());
                break;
            case JsonValueKind.Array:
                foreach (JsonElement item in element.EnumerateArray())
                {
                    Collect(item, pieces);
                }

                break;
            case JsonValueKind.Object:
                foreach (JsonProperty member in element.EnumerateObject().Where(member => member.Name is not ("id" or "object" or "type" or "model" or "index")))
                {
                    Collect(member.Value, pieces);
                }

                break;
        }
    }

    private static string Chat(int index, string delta, string finish = "null") => $"data: {{\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"model\":\"m\",\"choices\":[{{\"index\":{index},\"delta\":{delta},\"finish_reason\":{finish}}}]}}";

    private static string Event(string type, string members) => $"event: {type}\ndata: {{\"type\":\"{type}\"{(members is "{}" ? "" : "," + members[1..^1])}}}";

    private static string[] Responses(string type, string piece, string member) =>
    [
        Event(type + ".delta", $"{{\"item_id\":\"i\",\"output_index\":0,\"content_index\":0,\"delta\":{piece}0}}"),
        Event(type + ".delta", $"{{\"item_id\":\"i\",\"output_index\":0,\"content_index\":0,\"delta\":{piece}1}}"),
        Event(type + ".done", $"{{\"item_id\":\"i\",\"output_index\":0,\"content_index\":0,\"{member}\":{(piece is "Q" ? "A" : "T")}}}"),
        Event("response.completed", """{"response":{"id":"r","status":"completed","model":"m","output":[{"type":"message","content":[{"type":"output_text","text":T}]}],"usage":null}}"""),
    ];

    private static string Json(string text) => JsonSerializer.Serialize(text);
}
