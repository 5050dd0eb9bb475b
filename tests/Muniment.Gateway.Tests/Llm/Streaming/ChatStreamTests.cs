using System.Text.Json;
using Muniment.Gateway.Llm.Redaction;
using Muniment.Gateway.Llm.Streaming;

namespace Muniment.Gateway.Tests.Llm.Streaming;

public class ChatStreamTests
{
    private const string Head = "\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1700000000,\"model\":\"gpt-4o-2024\"";
    private const string Usage = "\"usage\":{\"prompt_tokens\":100,\"completion_tokens\":20,\"prompt_tokens_details\":{\"cached_tokens\":60,\"cache_write_tokens\":10},\"completion_tokens_details\":{\"reasoning_tokens\":5}}";

    [Fact]
    public void Without_detectors_every_byte_passes_and_usage_model_and_tools_are_read()
    {
        string stream = ": hello\r\n\r\n" + Chunk("""{"role":"assistant","content":""}""") + Chunk("""{"content":"h\u00e9 hunter2"}""")
            + Chunk("""{"tool_calls":[{"index":0,"id":"c","type":"function","function":{"name":"run","arguments":""}}]}""") + Chunk("{}", "\"stop\"") + $"data: {{{Head},\"choices\":[],{Usage}}}\n\n" + "data: [DONE]\n\n";
        var rewriter = new ChatStream(NoScrubber.Instance, new StreamSettings());
        Assert.Equal(stream, StreamRunner.Run(rewriter, stream, 7));
        Assert.Equal((30, 60, 10, 20, 5), (rewriter.Usage.Input, rewriter.Usage.CacheRead, rewriter.Usage.CacheWrite, rewriter.Usage.Output, rewriter.Usage.Reasoning));
        Assert.Equal(("gpt-4o-2024", "stop", "chatcmpl-1"), (rewriter.ServedModel, rewriter.StopReason, rewriter.AnswerId));
        Assert.Equal(["run"], rewriter.ToolNames);
    }

    [Fact]
    public void The_chunk_with_the_usage_is_swallowed_when_the_client_did_not_ask_for_it()
    {
        string stream = Chunk("""{"content":"hi"}""") + Chunk("{}", "\"stop\"") + $"data: {{{Head},\"choices\":[],{Usage}}}\n\ndata: [DONE]\n\n";
        var rewriter = new ChatStream(NoScrubber.Instance, new StreamSettings(SwallowUsage: true));
        string shown = StreamRunner.Run(rewriter, stream);
        Assert.DoesNotContain("prompt_tokens", shown);
        Assert.EndsWith("data: [DONE]\n\n", shown);
        Assert.True(rewriter.Usage.IsKnown);
    }

    [Fact]
    public void Texts_of_every_choice_come_out_as_if_they_had_come_in_one_piece()
    {
        var random = new Random(5);
        for (int round = 0; round < 200; round++)
        {
            string[] texts = [Text(random), Text(random), Text(random), Text(random)];
            var queues = new[] { ("content", 0, texts[0]), ("content", 1, texts[1]), ("refusal", 1, texts[2]), ("reasoning_content", 0, texts[3]) }
                .Select(t => (t.Item1, t.Item2, Pieces: new Queue<string>(StreamRunner.Pieces(t.Item3, random)))).ToList();
            string stream = Chunk("""{"role":"assistant","content":""}""", index: 0) + Chunk("""{"role":"assistant","content":""}""", index: 1);
            while (queues.Any(q => q.Pieces.Count > 0))
            {
                (string name, int choice, Queue<string> pieces) = queues[random.Next(queues.Count)];
                if (pieces.TryDequeue(out string? piece))
                {
                    stream += Chunk($"{{\"{name}\":{JsonSerializer.Serialize(piece)}}}", index: choice);
                }
            }

            // One choice ends with an empty delta, the other with a last piece in the same chunk.
            stream += Chunk("{}", "\"stop\"", 0) + Chunk("""{"content":"hun"}""", "\"length\"", 1) + "data: [DONE]\n\n";
            var frames = StreamRunner.Frames(StreamRunner.Run(new ChatStream(new WordScrubber(), new StreamSettings()), stream, random.Next(1, 50)));
            Assert.Equal(Redacted(texts[0]), Join(frames, 0, "content"));
            Assert.Equal(Redacted(texts[1] + "hun"), Join(frames, 1, "content"));
            Assert.Equal(Redacted(texts[2]), Join(frames, 1, "refusal"));
            Assert.Equal(Redacted(texts[3]), Join(frames, 0, "reasoning_content"));
            Assert.Null(frames[^1].Data);
            AssertFinishIsLast(frames);
        }
    }

    [Fact]
    public void Arguments_of_tools_come_in_one_valid_piece_and_a_secret_split_over_fragments_does_not_pass()
    {
        string stream = Chunk("""{"role":"assistant","content":null,"tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"login","arguments":""}}]}""")
            + Chunk("""{"tool_calls":[{"index":0,"function":{"arguments":"{\"p\":\"hun"}}]}""") + Chunk("""{"tool_calls":[{"index":0,"function":{"arguments":"\\u0074er2\"}"}}]}""")
            + Chunk("""{"tool_calls":[{"index":1,"id":"call_2","type":"custom","custom":{"name":"raw","input":"say hunt"}}]}""") + Chunk("""{"tool_calls":[{"index":1,"custom":{"input":"er2"}}]}""")
            + Chunk("{}", "\"tool_calls\"") + "data: [DONE]\n\n";
        var rewriter = new ChatStream(new WordScrubber(), new StreamSettings());
        var frames = StreamRunner.Frames(StreamRunner.Run(rewriter, stream));
        string[] arguments = ["", ""];
        foreach (JsonElement call in frames.Where(f => f.Data is not null).SelectMany(f => f.Data!.Value.GetProperty("choices").EnumerateArray())
            .Where(c => c.GetProperty("delta").TryGetProperty("tool_calls", out _)).SelectMany(c => c.GetProperty("delta").GetProperty("tool_calls").EnumerateArray()))
        {
            int index = call.GetProperty("index").GetInt32();
            arguments[index] += call.TryGetProperty("function", out JsonElement function) ? function.GetProperty("arguments").GetString() : call.GetProperty("custom").GetProperty("input").GetString();
        }

        Assert.Equal("[PASSWORD]", JsonDocument.Parse(arguments[0]).RootElement.GetProperty("p").GetString());
        Assert.Equal("say [PASSWORD]", arguments[1]);
        Assert.Equal(["login", "raw"], rewriter.ToolNames);
        AssertFinishIsLast(frames);
    }

    [Fact]
    public void A_whole_tool_call_in_the_chunk_that_ends_the_choice_stays_in_it()
    {
        string stream = Chunk("""{"tool_calls":[{"index":0,"id":"c","type":"function","function":{"name":"f","arguments":"{\"p\":\"hunter2\"}"}}]}""", "\"tool_calls\"") + "data: [DONE]\n\n";
        var frames = StreamRunner.Frames(StreamRunner.Run(new ChatStream(new WordScrubber(), new StreamSettings()), stream));
        Assert.Equal(2, frames.Count);
        Assert.Equal("""{"p":"[PASSWORD]"}""", frames[0].Data!.Value.GetProperty("choices")[0].GetProperty("delta").GetProperty("tool_calls")[0].GetProperty("function").GetProperty("arguments").GetString());
    }

    [Fact]
    public void Log_probabilities_and_fields_that_nobody_knows_are_no_way_round()
    {
        string stream = $"data: {{{Head},\"system_fingerprint\":\"hunter2\",\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"x\",\"later\":[{{\"t\":\"hun\"}}]}},\"logprobs\":{{\"content\":[{{\"token\":\"hunter2\"}}]}},\"finish_reason\":null}}]}}\n\n"
            + Chunk("""{"later":[{"t":"ter2!"}]}""") + Chunk("{}", "\"stop\"") + "data: [DONE]\n\n";
        string shown = StreamRunner.Run(new ChatStream(new WordScrubber(), new StreamSettings()), stream);
        Assert.DoesNotContain("hunter2", shown);
        Assert.DoesNotContain("ter2", shown.Replace("[PASSWORD]", ""));
        Assert.Contains("\"logprobs\":null", shown);
        Assert.Contains("[PASSWORD]!", shown);
    }

    [Fact]
    public void Legacy_completions_stream_their_text()
    {
        string stream = $"data: {{{Head.Replace("chat.completion.chunk", "text_completion")},\"choices\":[{{\"index\":0,\"text\":\"a hun\",\"finish_reason\":null}}]}}\n\ndata: {{{Head},\"choices\":[{{\"index\":0,\"text\":\"ter2 hunt\",\"finish_reason\":\"stop\"}}]}}\n\ndata: [DONE]\n\n";
        var frames = StreamRunner.Frames(StreamRunner.Run(new ChatStream(new WordScrubber(), new StreamSettings()), stream));
        Assert.Equal("a [PASSWORD] hunt", string.Concat(frames.Where(f => f.Data is not null).Select(f => f.Data!.Value.GetProperty("choices")[0].GetProperty("text").GetString())));
    }

    [Theory]
    [InlineData("data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"x\"\n\n", "Malformed")]
    [InlineData("data: not json\n\n", "Malformed")]
    [InlineData("data: {\"choices\":[]}\n\n", "BrokenOff")]
    public void Faults_have_a_name(string stream, string fault)
    {
        var rewriter = new ChatStream(new WordScrubber(), new StreamSettings());
        StreamRunner.Run(rewriter, stream);
        Assert.Equal(fault, rewriter.Fault.ToString());
    }

    [Fact]
    public void A_stream_that_breaks_off_shows_what_was_whole_and_says_so()
    {
        var rewriter = new ChatStream(new WordScrubber(), new StreamSettings());
        string shown = StreamRunner.Run(rewriter, Chunk("""{"content":"well hunt"}"""));
        Assert.Equal("well hunt", Join(StreamRunner.Frames(shown), 0, "content"));
        Assert.Equal(StreamFault.BrokenOff, rewriter.Fault);
    }

    private static string Chunk(string delta, string finish = "null", int index = 0) => $"data: {{{Head},\"choices\":[{{\"index\":{index},\"delta\":{delta},\"finish_reason\":{finish}}}]}}\n\n";

    private static string Text(Random random) => string.Concat(Enumerable.Range(0, random.Next(0, 8)).Select(_ => random.Next(4) switch { 0 => "hunter2", 1 => " hunt ", 2 => "é😀\"\\\n", _ => "word " }));

    private static string Redacted(string text) => text.Replace("hunter2", WordScrubber.Mark, StringComparison.Ordinal);

    private static string Join(List<(string Event, JsonElement? Data)> frames, int choice, string name) => string.Concat(frames.Where(f => f.Data is not null)
        .SelectMany(f => f.Data!.Value.GetProperty("choices").EnumerateArray()).Where(c => c.GetProperty("index").GetInt32() == choice && c.GetProperty("delta").TryGetProperty(name, out _))
        .Select(c => c.GetProperty("delta").GetProperty(name).GetString()));

    private static void AssertFinishIsLast(List<(string Event, JsonElement? Data)> frames)
    {
        HashSet<int> ended = [];
        foreach (JsonElement choice in frames.Where(f => f.Data is not null).SelectMany(f => f.Data!.Value.GetProperty("choices").EnumerateArray()))
        {
            int index = choice.GetProperty("index").GetInt32();
            Assert.DoesNotContain(index, ended);
            if (choice.GetProperty("finish_reason").ValueKind is JsonValueKind.String)
            {
                ended.Add(index);
            }
        }
    }
}
