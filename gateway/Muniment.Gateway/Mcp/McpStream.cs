using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using Muniment.Gateway.Llm.Redaction;
using Muniment.Gateway.Llm.Sse;
using Muniment.Gateway.Llm.Streaming;
using Muniment.Gateway.Llm.Texts;
using Muniment.Policy.Evaluation;

namespace Muniment.Gateway.Mcp;

/// <summary>An event stream of JSON-RPC messages: each is whole and looked at as a whole; the answer to the request is the last. A stream of the server's own messages has no last one.</summary>
internal sealed class McpStream(
    Scrubber scrubber, StreamSettings settings, McpMessage message, Func<string, bool> isDenied, Func<ImmutableArray<InspectedText>, Scrubber?>? judge = null) : StreamRewriter(scrubber, settings)
{
    private readonly TextFinder _finder = new();
    private int _number;

    public override string PointerOf(long owner, long part, string name) => $"/{owner}{name}";

    public override void WriteError(IBufferWriter<byte> output, StreamError error)
    {
        SseWriter.Begin(output, "message"u8);
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            json.WriteString("jsonrpc"u8, "2.0"u8);
            json.WritePropertyName("id"u8);
            json.WriteRawValue(message.Id.Length == 0 ? "null"u8 : message.Id);
            McpAnswers.WriteError(json, error.Message, error.OpenAiCode, error.RequestId);
            json.WriteEndObject();
        }

        SseWriter.End(output);
    }

    public override void Close(IBufferWriter<byte> output)
    {
        if (message.IsRequest)
        {
            base.Close(output);
        }
    }

    protected override void TakeJson(in SseFrame frame, IBufferWriter<byte> output)
    {
        _finder.Find(Tape, TextRole.Tool);
        foreach (TextSite site in _finder.Texts)
        {
            Texts.Add(_number, 0, Tape.Pointer(site.Node), site.Text);
        }

        foreach (UnseenPart part in _finder.Unseen)
        {
            Unsee(part.Pointer, part.Why);
        }

        Scrubber scrubs = Scrubber;
        if (judge is not null)
        {
            if (judge([.. _finder.Texts.Select(site => new InspectedText(Tape.Pointer(site.Node), site.Role.Name(), site.Text))]) is not { } own)
            {
                Fault = StreamFault.Denied;
                return;
            }

            scrubs = own;
        }

        if (scrubs.IsActive)
        {
            DocumentScrubber.Scrub(Tape, _finder.Texts, scrubs, Edits);
            if (judge is not null && scrubs.Denies)
            {
                Fault = StreamFault.Denied;
            }
        }

        _number++;
        bool last = message.IsAnsweredBy(Tape);
        McpLists.Filter(Tape, isDenied, Edits);
        if (Fault is not StreamFault.None)
        {
            return;
        }

        IBufferWriter<byte> target = last ? Last : output;
        if (Edits.Count > 0)
        {
            KeepFields(frame.Raw.Span, target);
        }

        if (last)
        {
            End(frame);
        }
        else
        {
            WriteEdited(frame, output);
        }
    }

    // A client names the id of the last event that it saw when it takes a stream up again.
    private static void KeepFields(ReadOnlySpan<byte> frame, IBufferWriter<byte> target)
    {
        foreach (Range range in frame.SplitAny("\r\n"u8))
        {
            ReadOnlySpan<byte> line = frame[range];
            if (line.StartsWith("id:"u8) || line.StartsWith("retry:"u8))
            {
                target.Write(line);
                target.Write("\n"u8);
            }
        }
    }

    protected override void FlushAll(IBufferWriter<byte> output)
    {
        // Messages are whole; nothing is held.
    }
}
