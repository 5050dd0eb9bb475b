using System.Net;
using System.Text;
using System.Text.Json;
using Muniment.Events.Canonical;

namespace Muniment.Gateway.Tests.Llm;

/// <summary>Texts that lie in base64 or in data URLs are looked into like any other and are written the same way again; what is no text is named, and policy says whether it may pass.</summary>
[Collection(nameof(LlmDoor))]
public sealed class EncodedPlacesTests(LlmDoor door)
{
    private const string Redact = "rules: [{ id: secrets, on: ['model.*', 'mcp.*'], detect: [email, secrets], then: redact }]";
    private const string Word = "rules: [{ id: word, on: ['model.*', 'mcp.*'], when: { content|contains: forbiddenword }, then: deny }]";

    // B: the text in base64, U: in the alphabet of URLs without padding, L: in lines, D: as a data URL, P: as one with percent signs.
    public static TheoryData<string, string> Places => new()
    {
        { "chat file", """oai/v1/chat/completions {"model":"m","messages":[{"role":"user","content":[{"type":"file","file":{"filename":"a.txt","file_data":"D"}}]}]}""" },
        { "chat file of bare base64", """oai/v1/chat/completions {"model":"m","messages":[{"role":"user","content":[{"type":"file","file":{"file_data":"B"}}]}]}""" },
        { "chat image", """oai/v1/chat/completions {"model":"m","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"D"}}]}]}""" },
        { "chat image in capitals", """oai/v1/chat/completions {"model":"m","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":" DATA:text/plain;BASE64,B"}}]}]}""" },
        { "chat image, escaped", """oai/v1/chat/completions {"model":"m","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"\u0064ata:text\/plain;base64,B"}}]}]}""" },
        { "chat image with percent signs", """oai/v1/chat/completions {"model":"m","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"P"}}]}]}""" },
        { "chat audio", """oai/v1/chat/completions {"model":"m","messages":[{"role":"user","content":[{"type":"input_audio","input_audio":{"format":"wav","data":"B"}}]}]}""" },
        { "chat arguments", """oai/v1/chat/completions {"model":"m","messages":[{"role":"assistant","content":null,"tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{\"file\":\"D\"}"}}]}]}""" },
        { "responses file", """oai/v1/responses {"model":"m","input":[{"role":"user","content":[{"type":"input_file","filename":"a.csv","file_data":"D"}]}]}""" },
        { "responses image", """oai/v1/responses {"model":"m","input":[{"role":"user","content":[{"type":"input_image","image_url":"D"}]}]}""" },
        { "responses sealed", """oai/v1/responses {"model":"m","input":[{"type":"reasoning","summary":[],"encrypted_content":"B"}]}""" },
        { "messages document", """ant/v1/messages {"model":"m","max_tokens":1,"messages":[{"role":"user","content":[{"type":"document","source":{"type":"base64","media_type":"text/plain","data":"B"}}]}]}""" },
        { "messages document, said to be a picture", """ant/v1/messages {"model":"m","max_tokens":1,"messages":[{"role":"user","content":[{"type":"image","source":{"type":"base64","media_type":"image/png","data":"B"}}]}]}""" },
        { "messages document in lines", """ant/v1/messages {"model":"m","max_tokens":1,"messages":[{"role":"user","content":[{"type":"document","source":{"type":"base64","media_type":"text/plain","data":"L"}}]}]}""" },
        { "messages document for URLs", """ant/v1/messages {"model":"m","max_tokens":1,"messages":[{"role":"user","content":[{"type":"document","source":{"type":"base64","media_type":"text/plain","data":"U"}}]}]}""" },
        { "message batch", """ant/v1/messages/batches {"requests":[{"custom_id":"a","params":{"model":"m","max_tokens":1,"messages":[{"role":"user","content":[{"type":"document","source":{"type":"base64","media_type":"text/plain","data":"B"}}]}]}}]}""" },
        { "mcp resource", """mcp {"jsonrpc":"2.0","id":9,"result":{"content":[{"type":"resource","resource":{"uri":"file:///a","mimeType":"text/plain","blob":"B"}}]}}""" },
        { "mcp arguments", """mcp {"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"f","arguments":{"file":"D"}}}""" },
        { "mcp image", """mcp {"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"f","arguments":{"image":{"type":"image","mimeType":"image/png","data":"B"}}}}""" },
    };

    [Theory]
    [MemberData(nameof(Places))]
    public async Task A_text_in_base64_is_redacted_and_stays_base64(string place, string call)
    {
        await door.SetAsync(Redact);
        (string path, string body) = Split(Fill(call, $"write to {Calls.Secret}, please"));
        using HttpResponseMessage response = await door.PostAsync(path, body);
        string sent = Assert.Single(door.Upstream.Requests).Text;
        string[] texts = [.. Decoded(JsonElement.Parse(sent))];
        Assert.True(texts.Any(text => text == "write to [EMAIL], please"), $"{place}: {sent}");
        CanonicalEvent invoke = door.Events(LlmDoor.DecisionOf(response))[0];
        Assert.Equal("redacted", invoke.Result);
        Assert.Contains("\"EMAIL\":1", Encoding.UTF8.GetString(invoke.Decision.Span));
    }

    [Theory]
    [MemberData(nameof(Places))]
    public async Task A_text_in_base64_is_not_hidden_from_a_condition(string place, string call)
    {
        await door.SetAsync(Word);
        (string path, string body) = Split(Fill(call, "say forbiddenword, please"));
        using HttpResponseMessage response = await door.PostAsync(path, body);
        if (place is "chat arguments")
        {
            // Known and said in the documentation: conditions do not look into base64 in JSON inside of a string.
            Assert.Single(door.Upstream.Requests);
            return;
        }

        Assert.True(door.Upstream.Requests.IsEmpty, place);
        Assert.Equal(("denied", "word"), (Assert.Single(door.Events(LlmDoor.DecisionOf(response))).Result, door.Events(LlmDoor.DecisionOf(response))[0].Policy!.Rule));
    }

    [Theory]
    [InlineData("""oai/v1/chat/completions {"model":"m","messages":[{"role":"user","content":[{"type":"file","file":{"file_data":"D"}}]}]}""", "/messages/0/content/0/file/file_data", "image")]
    [InlineData("""oai/v1/responses {"model":"m","input":[{"type":"compaction","encrypted_content":"B"}]}""", "/input/0/encrypted_content", "encrypted")]
    [InlineData("""ant/v1/messages {"model":"m","max_tokens":1,"messages":[{"role":"user","content":[{"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"B"}}]}]}""", "/messages/0/content/0/source/data", "image")]
    [InlineData("""mcp {"jsonrpc":"2.0","id":9,"result":{"contents":[{"uri":"file:///a","blob":"B"}]}}""", "/result/contents/0/blob", "image")]
    public async Task What_is_no_text_is_named_and_passes_only_where_policy_lets_it(string call, string pointer, string why)
    {
        byte[] picture = [.. Enumerable.Range(0, 600).Select(i => (byte)(i * 37))];
        (string path, string body) = Split(call.Replace("D", "data:application/octet-stream;base64,B", StringComparison.Ordinal).Replace("\"B\"", $"\"{Convert.ToBase64String(picture)}\"", StringComparison.Ordinal).Replace(",B", "," + Convert.ToBase64String(picture), StringComparison.Ordinal));
        await door.SetAsync(Redact);
        using (HttpResponseMessage passed = await door.PostAsync(path, body))
        {
            Assert.Equal(body, Assert.Single(door.Upstream.Requests).Text);
            Assert.Contains($"{{\"pointer\":\"{pointer}\",\"why\":\"{why}\"}}", Encoding.UTF8.GetString(door.Events(LlmDoor.DecisionOf(passed))[0].Decision.Span));
        }

        await door.SetAsync("uncovered: deny\nrules: []");
        using HttpResponseMessage denied = await door.PostAsync(path, body);
        Assert.Empty(door.Upstream.Requests);
        Assert.Equal("denied", Assert.Single(door.Events(LlmDoor.DecisionOf(denied))).Result);
    }

    [Fact]
    public async Task What_only_looks_as_if_it_were_sealed_is_read_as_it_is_written()
    {
        await door.SetAsync("rules: [{ id: word, on: [model.invoke], when: { content|contains: ForbiddenWord }, then: deny }]");
        string body = $$"""{"model":"m","input":[{"type":"reasoning","summary":[],"encrypted_content":"ForbiddenWord{{new string('A', 64)}}"}]}""";
        using HttpResponseMessage response = await door.PostAsync(Calls.Path("responses"), body);
        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.Empty(door.Upstream.Requests);
    }

    [Fact]
    public async Task A_file_of_calls_is_looked_into_as_the_calls_are()
    {
        string picture = "data:image/png;base64," + Convert.ToBase64String([.. Enumerable.Range(0, 600).Select(i => (byte)(i * 37))]);
        await door.SetAsync("uncovered: deny\nrules: []");
        using (HttpResponseMessage denied = await UploadAsync(picture))
        {
            Assert.Equal("denied", Assert.Single(door.Events(LlmDoor.DecisionOf(denied))).Result);
            Assert.Empty(door.Upstream.Requests);
        }

        await door.SetAsync(Word);
        using (HttpResponseMessage denied = await UploadAsync(Url("say forbiddenword, please")))
        {
            Assert.Equal("denied", Assert.Single(door.Events(LlmDoor.DecisionOf(denied))).Result);
            Assert.Empty(door.Upstream.Requests);
        }

        await door.SetAsync(Redact);
        using HttpResponseMessage redacted = await UploadAsync(Url($"write to {Calls.Secret}, please"));
        Assert.Contains(Url("write to [EMAIL], please"), Assert.Single(door.Upstream.Requests).Text);
    }

    [Theory]
    [InlineData("chat", """{"id":"c","model":"m","choices":[{"index":0,"message":{"content":"x","images":[{"type":"image_url","image_url":{"url":"D"}}]},"finish_reason":"stop"}]}""")]
    [InlineData("responses", """{"id":"r","status":"completed","model":"m","output":[{"type":"code_interpreter_call","outputs":[{"type":"image","url":"D"}]},{"type":"image_generation_call","result":"BB"}]}""")]
    [InlineData("mcp", """{"jsonrpc":"2.0","id":1,"result":{"contents":[{"uri":"file:///a","mimeType":"text/plain","blob":"B"}]}}""")]
    public async Task An_answer_hides_nothing_in_base64(string api, string answer)
    {
        string text = $"write to {Calls.Secret}, please";
        string body = Fill(answer.Replace("BB", Convert.ToBase64String(Encoding.UTF8.GetBytes(text + new string(' ', 300))), StringComparison.Ordinal), text);
        foreach (bool streamed in (bool[])[false, true])
        {
            await door.SetAsync(Redact);
            door.Upstream.Intercept = async (context, _) =>
            {
                context.Response.ContentType = streamed ? "text/event-stream" : "application/json";
                string frame = api is "responses" ? $"event: response.completed\ndata: {{\"type\":\"response.completed\",\"response\":{body}}}\n\n" : $"data: {body}\n\n{(api is "chat" ? "data: [DONE]\n\n" : "")}";
                await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(streamed ? frame : body));
                return true;
            };
            using HttpResponseMessage response = api is "mcp"
                ? await door.PostAsync("/mcp/mcp", """{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"file:///a"}}""")
                : await door.PostAsync(Calls.Path(api), Calls.Body(api, "none", "", streamed));
            string shown = await response.Content.ReadAsStringAsync();
            string json = streamed ? shown.Split('\n').First(line => line.StartsWith("data: {", StringComparison.Ordinal))[6..] : shown;
            string[] texts = [.. Decoded(JsonElement.Parse(json))];
            Assert.True(texts.Any(t => t.Contains("[EMAIL]", StringComparison.Ordinal)) && !texts.Any(t => t.Contains("contoso", StringComparison.Ordinal)), $"{api}, streamed {streamed}: {shown}");
            Assert.Equal("redacted", door.Events(LlmDoor.DecisionOf(response))[1].Result);
        }
    }

    private async Task<HttpResponseMessage> UploadAsync(string url)
    {
        string line = $$$"""{"custom_id":"a","method":"POST","url":"/v1/chat/completions","body":{"model":"m","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"{{{url}}}"}}]}]} }""";
        using var form = new MultipartFormDataContent { { new StringContent("batch"), "purpose" }, { new ByteArrayContent(Encoding.UTF8.GetBytes(line + "\n")), "file", "batch.jsonl" } };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/llm/oai/v1/files") { Content = form };
        request.Headers.TryAddWithoutValidation("x-api-key", door.Key);
        return await door.Client.SendAsync(request);
    }

    private static (string Path, string Body) Split(string call)
    {
        int space = call.IndexOf(' ', StringComparison.Ordinal);
        return ((call.StartsWith("mcp", StringComparison.Ordinal) ? "/mcp/" : "/llm/") + call[..space], call[(space + 1)..]);
    }

    private static string Url(string text) => "data:text/plain;base64," + Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static string Fill(string call, string text)
    {
        string encoded = Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
        return call.Replace("\"D", "\"data:text/plain;charset=utf-8;base64," + encoded, StringComparison.Ordinal)
            .Replace("\"P\"", "\"data:text/plain," + Uri.EscapeDataString(text).Replace("o", "%6F", StringComparison.Ordinal) + "\"", StringComparison.Ordinal)
            .Replace("\"B\"", $"\"{encoded}\"", StringComparison.Ordinal).Replace(",B\"", $",{encoded}\"", StringComparison.Ordinal)
            .Replace("\"U\"", $"\"{encoded.TrimEnd('=').Replace('+', '-').Replace('/', '_')}\"", StringComparison.Ordinal)
            .Replace("\"L\"", $"\"{encoded[..20]}\\r\\n{encoded[20..]}\"", StringComparison.Ordinal);
    }

    // Every string of a document as its reader sees it.
    private static IEnumerable<string> Decoded(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Array => element.EnumerateArray().SelectMany(Decoded),
        JsonValueKind.Object => element.EnumerateObject().SelectMany(member => Decoded(member.Value)),
        JsonValueKind.String when element.GetString()! is var text => text.StartsWith('{') ? Decoded(JsonElement.Parse(text)) : [Decode(text)],
        _ => [],
    };

    private static string Decode(string text)
    {
        int comma = text.IndexOf(',', StringComparison.Ordinal);
        if (text.Trim().StartsWith("data:", StringComparison.OrdinalIgnoreCase) && !text[..comma].EndsWith("base64", StringComparison.OrdinalIgnoreCase))
        {
            return Uri.UnescapeDataString(text[(comma + 1)..]);
        }

        string content = text.Trim().StartsWith("data:", StringComparison.OrdinalIgnoreCase) ? text[(comma + 1)..] : text;
        try
        {
            return Encoding.UTF8.GetString(Convert.FromBase64String(content)).TrimEnd();
        }
        catch (FormatException)
        {
            return text;
        }
    }
}
