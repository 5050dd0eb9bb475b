using System.Text.Json;
using Muniment.Gateway.Llm.Redaction;
using Muniment.Gateway.Llm.Streaming;

namespace Muniment.Gateway.Tests.Llm.Streaming;

public class ResponsesStreamTests
{
    [Fact]
    public void Pieces_and_all_four_repeats_of_a_text_are_redacted_alike_and_numbers_have_no_gaps()
    {
        var random = new Random(3);
        for (int round = 0; round < 100; round++)
        {
            const string text = "the word is hunter2, not hunter3 hunt";
            string stream = Stream(text, """{"p":"hunter2"}""", random);
            var rewriter = new ResponsesStream(new WordScrubber(), new StreamSettings());
            var frames = StreamRunner.Frames(StreamRunner.Run(rewriter, stream, random.Next(1, 100)));
            const string expected = "the word is [PASSWORD], not hunter3 hunt";
            Assert.Equal(expected, string.Concat(frames.Where(f => f.Event == "response.output_text.delta").Select(f => f.Data!.Value.GetProperty("delta").GetString())));
            Assert.Equal(expected, Only(frames, "response.output_text.done").GetProperty("text").GetString());
            Assert.Equal(expected, Only(frames, "response.content_part.done").GetProperty("part").GetProperty("text").GetString());
            JsonElement completed = Only(frames, "response.completed").GetProperty("response");
            Assert.Equal(expected, completed.GetProperty("output")[0].GetProperty("content")[0].GetProperty("text").GetString());
            Assert.Equal("""{"p":"[PASSWORD]"}""", Only(frames, "response.function_call_arguments.delta").GetProperty("delta").GetString());
            Assert.Equal("""{"p":"[PASSWORD]"}""", Only(frames, "response.function_call_arguments.done").GetProperty("arguments").GetString());
            Assert.Equal(Enumerable.Range(0, frames.Count).Select(i => (long)i), frames.Select(f => f.Data!.Value.GetProperty("sequence_number").GetInt64()));
            Assert.DoesNotContain("hunter2", string.Concat(frames.Select(f => f.Data!.Value.GetRawText())));
            Assert.Equal((30, 60, 20, 5), (rewriter.Usage.Input, rewriter.Usage.CacheRead, rewriter.Usage.Output, rewriter.Usage.Reasoning));
            Assert.Equal(("o3-2025", "completed", "resp_1"), (rewriter.ServedModel, rewriter.StopReason, rewriter.AnswerId));
            AssertOrder(frames);
        }
    }

    [Fact]
    public void Without_detectors_every_byte_passes()
    {
        string stream = Stream("the word is hunter2", """{"p":"hunter2"}""", new Random(1));
        Assert.Equal(stream, StreamRunner.Run(new ResponsesStream(NoScrubber.Instance, new StreamSettings()), stream, 11));
    }

    [Fact]
    public void Events_that_nobody_knows_are_looked_at_too()
    {
        string stream = Frame("response.new_thing.delta", """{"output_index":0,"delta":"hun","sequence_number":0}""") + Frame("response.new_thing.delta", """{"output_index":0,"delta":"ter2.","sequence_number":1}""")
            + Frame("response.other", """{"thing":{"x":["hunter2"]},"sequence_number":2}""") + Frame("response.completed", """{"response":{"id":"r","status":"completed","output":[]},"sequence_number":3}""");
        var frames = StreamRunner.Frames(StreamRunner.Run(new ResponsesStream(new WordScrubber(), new StreamSettings()), stream));
        Assert.Equal("[PASSWORD].", frames[0].Data!.Value.GetProperty("delta").GetString());
        Assert.Equal("[PASSWORD]", Only(frames, "response.other").GetProperty("thing").GetProperty("x")[0].GetString());
        Assert.Equal([0L, 1L, 2L], frames.Select(f => f.Data!.Value.GetProperty("sequence_number").GetInt64()));
    }

    [Fact]
    public void An_error_ends_the_stream_in_a_form_on_which_sdks_throw()
    {
        var rewriter = new ResponsesStream(new WordScrubber(), new StreamSettings());
        StreamRunner.Run(rewriter, Frame("response.created", """{"response":{"id":"r","model":"m","status":"in_progress"},"sequence_number":0}"""));
        Assert.Equal(StreamFault.BrokenOff, rewriter.Fault);
        var output = new System.Buffers.ArrayBufferWriter<byte>();
        rewriter.WriteError(output, new StreamError(false, "the upstream broke off", "d1"));
        var frames = StreamRunner.Frames(System.Text.Encoding.UTF8.GetString(output.WrittenSpan));
        Assert.Equal(["response.failed", "error"], frames.Select(f => f.Event));
        Assert.Equal([1L, 2L], frames.Select(f => f.Data!.Value.GetProperty("sequence_number").GetInt64()));
        Assert.Equal("upstream_error", frames[1].Data!.Value.GetProperty("error").GetProperty("code").GetString());
    }

    private static string Stream(string text, string arguments, Random random)
    {
        int number = 0;
        string Event(string type, string members) => Frame(type, $"{{\"type\":\"{type}\",{members},\"sequence_number\":{number++}}}");
        string json = JsonSerializer.Serialize(text);
        string call = JsonSerializer.Serialize(arguments);
        string item = $"{{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"content\":[{{\"type\":\"output_text\",\"text\":{json},\"annotations\":[],\"logprobs\":[{{\"token\":{json}}}]}}]}}";
        string function = $"{{\"id\":\"fc_1\",\"type\":\"function_call\",\"call_id\":\"c\",\"name\":\"login\",\"arguments\":{call}}}";
        string stream = Event("response.created", """ "response":{"id":"resp_1","model":"o3-2025","status":"in_progress","output":[]}""")
            + Event("response.output_item.added", """ "output_index":0,"item":{"id":"msg_1","type":"message","role":"assistant","content":[]}""")
            + Event("response.content_part.added", """ "item_id":"msg_1","output_index":0,"content_index":0,"part":{"type":"output_text","text":""}""");
        foreach (string piece in StreamRunner.Pieces(text, random))
        {
            stream += Event("response.output_text.delta", $"\"item_id\":\"msg_1\",\"output_index\":0,\"content_index\":0,\"delta\":{JsonSerializer.Serialize(piece)},\"logprobs\":[{{\"token\":\"hunter2\"}}]");
        }

        stream += Event("response.output_text.done", $"\"item_id\":\"msg_1\",\"output_index\":0,\"content_index\":0,\"text\":{json},\"logprobs\":[]")
            + Event("response.content_part.done", $"\"item_id\":\"msg_1\",\"output_index\":0,\"content_index\":0,\"part\":{{\"type\":\"output_text\",\"text\":{json}}}")
            + Event("response.output_item.done", $"\"output_index\":0,\"item\":{item}")
            + Event("response.output_item.added", """ "output_index":1,"item":{"id":"fc_1","type":"function_call","name":"login","arguments":""}""");
        foreach (string piece in StreamRunner.Pieces(arguments, random))
        {
            stream += Event("response.function_call_arguments.delta", $"\"item_id\":\"fc_1\",\"output_index\":1,\"delta\":{JsonSerializer.Serialize(piece)}");
        }

        return stream + Event("response.function_call_arguments.done", $"\"item_id\":\"fc_1\",\"output_index\":1,\"arguments\":{call}")
            + Event("response.output_item.done", $"\"output_index\":1,\"item\":{function}")
            + Event("response.completed", $"\"response\":{{\"id\":\"resp_1\",\"model\":\"o3-2025\",\"status\":\"completed\",\"output\":[{item},{function}],\"usage\":{{\"input_tokens\":90,\"input_tokens_details\":{{\"cached_tokens\":60}},\"output_tokens\":20,\"output_tokens_details\":{{\"reasoning_tokens\":5}},\"total_tokens\":110}}}}");
    }

    private static string Frame(string type, string data) => $"event: {type}\ndata: {(data.Contains("\"type\"", StringComparison.Ordinal) ? data : "{\"type\":\"" + type + "\"," + data[1..])}\n\n";

    private static JsonElement Only(List<(string Event, JsonElement? Data)> frames, string type) => Assert.Single(frames, f => f.Event == type).Data!.Value;

    private static void AssertOrder(List<(string Event, JsonElement? Data)> frames)
    {
        int done = frames.FindIndex(f => f.Event == "response.output_text.done");
        Assert.DoesNotContain(frames.Skip(done), f => f.Event == "response.output_text.delta");
        Assert.Equal("response.completed", frames[^1].Event);
    }
}
