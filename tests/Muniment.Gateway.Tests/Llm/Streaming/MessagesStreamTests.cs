using System.Text.Json;
using Muniment.Gateway.Llm.Redaction;
using Muniment.Gateway.Llm.Streaming;
using Muniment.Policy.Documents;

namespace Muniment.Gateway.Tests.Llm.Streaming;

public class MessagesStreamTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Blocks_of_text_and_tools_are_redacted_and_usage_is_overwritten_not_added(bool active)
    {
        var random = new Random(7);
        for (int round = 0; round < 100; round++)
        {
            string stream = Stream("say hunter2 and hunt", """{"p":"hunter2"}""", "clean thoughts", random);
            var rewriter = new MessagesStream(active ? new WordScrubber() : NoScrubber.Instance, new StreamSettings());
            string shown = StreamRunner.Run(rewriter, stream, random.Next(1, 60));
            Assert.Equal((12, 7, 3, 42), (rewriter.Usage.Input, rewriter.Usage.CacheRead, rewriter.Usage.CacheWrite, rewriter.Usage.Output));
            Assert.Equal(("claude-x", "tool_use", "msg_1"), (rewriter.ServedModel, rewriter.StopReason, rewriter.AnswerId));
            if (!active)
            {
                Assert.Equal(stream, shown);
                continue;
            }

            var blocks = Blocks(shown);
            Assert.Equal(["clean thoughts", "say [PASSWORD] and hunt", """{"p":"[PASSWORD]"}"""], blocks);
            Assert.DoesNotContain("hunter2", shown);
            Assert.Equal("message_stop", StreamRunner.Frames(shown)[^1].Event);
        }
    }

    [Theory]
    [InlineData("Drop", "say [PASSWORD] and hunt|{\"p\":\"[PASSWORD]\"}", "None")]
    [InlineData("Pass", "I think hunter2|say [PASSWORD] and hunt|{\"p\":\"[PASSWORD]\"}", "None")]
    [InlineData("Deny", "", "Reasoning")]
    public void Signed_reasoning_passes_whole_or_not_at_all(string mode, string blocks, string fault)
    {
        string stream = Stream("say hunter2 and hunt", """{"p":"hunter2"}""", "I think hunter2", new Random(1));
        var rewriter = new MessagesStream(new WordScrubber(), new StreamSettings(Reasoning: Enum.Parse<ReasoningMode>(mode)));
        string shown = StreamRunner.Run(rewriter, stream);
        Assert.Equal(blocks, string.Join("|", Blocks(shown)));
        Assert.Equal(fault, rewriter.Fault.ToString());
        Assert.Equal(mode is "Pass" ? 1 : 0, rewriter.Unseen.Count);
    }

    [Fact]
    public void Citations_and_errors_of_the_upstream_are_looked_at()
    {
        string stream = Frame("message_start", """{"message":{"id":"m","model":"x","content":[],"usage":{"input_tokens":1}}}""") + Frame("content_block_start", """{"index":0,"content_block":{"type":"text","text":"hun"}}""")
            + Frame("content_block_delta", """{"index":0,"delta":{"type":"citations_delta","citation":{"cited_text":"hunter2"}}}""") + Frame("content_block_delta", """{"index":0,"delta":{"type":"text_delta","text":"ter2"}}""")
            + Frame("error", """{"error":{"type":"overloaded_error","message":"about hunter2"}}""");
        var rewriter = new MessagesStream(new WordScrubber(), new StreamSettings());
        string shown = StreamRunner.Run(rewriter, stream);
        Assert.DoesNotContain("hunter2", shown);
        Assert.Contains("\"cited_text\":\"[PASSWORD]\"", shown);
        Assert.Contains("about [PASSWORD]", shown);
        Assert.True(rewriter.UpstreamFailed);
        Assert.True(rewriter.HasEnded);
    }

    private static List<string> Blocks(string stream)
    {
        List<string> blocks = [];
        foreach ((string name, JsonElement? data) in StreamRunner.Frames(stream))
        {
            if (name == "content_block_start")
            {
                // SDKs append a block and then find it by its index.
                Assert.Equal(blocks.Count, data!.Value.GetProperty("index").GetInt32());
                blocks.Add(data.Value.GetProperty("content_block").TryGetProperty("text", out JsonElement text) ? text.GetString()! : "");
            }
            else if (name == "content_block_delta")
            {
                JsonElement delta = data!.Value.GetProperty("delta");
                string piece = new[] { "text", "partial_json", "thinking" }.Select(n => delta.TryGetProperty(n, out JsonElement p) ? p.GetString() : null).FirstOrDefault(p => p is not null) ?? "";
                blocks[data.Value.GetProperty("index").GetInt32()] += piece;
            }
        }

        return blocks;
    }

    private static string Stream(string text, string arguments, string thinking, Random random)
    {
        string stream = Frame("message_start", """{"message":{"id":"msg_1","type":"message","role":"assistant","model":"claude-x","content":[],"usage":{"input_tokens":10,"cache_read_input_tokens":7,"cache_creation_input_tokens":3,"output_tokens":1}}}""")
            + Frame("ping", "{}") + Frame("content_block_start", """{"index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}""");
        foreach (string piece in StreamRunner.Pieces(thinking, random))
        {
            stream += Frame("content_block_delta", $"{{\"index\":0,\"delta\":{{\"type\":\"thinking_delta\",\"thinking\":{JsonSerializer.Serialize(piece)}}}}}");
        }

        stream += Frame("content_block_delta", """{"index":0,"delta":{"type":"signature_delta","signature":"c2lnbmVk"}}""") + Frame("content_block_stop", """{"index":0}""")
            + Frame("content_block_start", """{"index":1,"content_block":{"type":"text","text":""}}""");
        foreach (string piece in StreamRunner.Pieces(text, random))
        {
            stream += Frame("content_block_delta", $"{{\"index\":1,\"delta\":{{\"type\":\"text_delta\",\"text\":{JsonSerializer.Serialize(piece)}}}}}");
        }

        stream += Frame("content_block_stop", """{"index":1}""") + Frame("content_block_start", """{"index":2,"content_block":{"type":"tool_use","id":"t","name":"login","input":{}}}""");
        foreach (string piece in StreamRunner.Pieces(arguments, random))
        {
            stream += Frame("content_block_delta", $"{{\"index\":2,\"delta\":{{\"type\":\"input_json_delta\",\"partial_json\":{JsonSerializer.Serialize(piece)}}}}}");
        }

        return stream + Frame("content_block_stop", """{"index":2}""") + Frame("message_delta", """{"delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"input_tokens":12,"output_tokens":42}}""")
            + Frame("message_stop", "{}");
    }

    private static string Frame(string type, string data) => $"event: {type}\ndata: {{\"type\":\"{type}\"{(data.Length > 2 ? "," : "")}{data[1..]}\n\n";
}
