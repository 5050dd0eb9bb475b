using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Muniment.Gateway.Llm.Texts;
using Muniment.Gateway.Llm.Json;
using Muniment.Gateway.Llm.Redaction;
using Muniment.Gateway.Llm.Sse;
using Muniment.Gateway.Llm.Usage;

namespace Muniment.Gateway.Llm.Streaming;

/// <summary>
/// The Responses API: every <c>….delta</c> with a text is a piece of a channel, whatever its type; every other event is looked at as a whole, so the texts that it repeats in full come out as
/// the pieces did. <c>sequence_number</c> stays without gaps. There is no <c>[DONE]</c>.
/// </summary>
internal sealed class ResponsesStream(Scrubber scrubber, StreamSettings settings) : StreamRewriter(scrubber, settings)
{
    private readonly Dictionary<HeldText, byte[]> _items = [];
    private long _shift;
    private long _sequence = -1;

    public override string PointerOf(long owner, long part, string name) => IsArguments(name)
        ? string.Create(CultureInfo.InvariantCulture, $"/output/{owner}/arguments")
        : string.Create(CultureInfo.InvariantCulture, $"/output/{owner}/{(name.Contains("summary", StringComparison.Ordinal) ? "summary" : "content")}/{part}/{(name.Contains("refusal", StringComparison.Ordinal) ? "refusal" : "text")}");

    public override void WriteError(IBufferWriter<byte> output, StreamError error)
    {
        SseWriter.Begin(output, "response.failed"u8);
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            json.WriteString("type"u8, "response.failed"u8);
            json.WriteNumber("sequence_number"u8, _sequence + 1);
            json.WriteStartObject("response"u8);
            json.WriteString("id"u8, AnswerId ?? error.RequestId);
            json.WriteString("object"u8, "response"u8);
            json.WriteString("status"u8, "failed"u8);
            json.WriteStartObject("error"u8);

            // The SDK's list of codes is closed.
            json.WriteString("code"u8, error.IsDenial ? "invalid_prompt"u8 : "server_error"u8);
            json.WriteString("message"u8, error.Message);
            json.WriteEndObject();
            json.WriteString("model"u8, ServedModel ?? "");
            json.WriteStartArray("output"u8);
            json.WriteEndArray();
            json.WriteNull("usage"u8);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        SseWriter.End(output);

        // The plain iterator of the SDK throws on this one alone.
        _sequence++;
        SseWriter.Begin(output, "error"u8);
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            json.WriteString("type"u8, "error"u8);
            json.WriteString("code"u8, error.OpenAiCode);
            json.WriteString("message"u8, error.Message);
            json.WriteNull("param"u8);
            json.WriteNumber("sequence_number"u8, _sequence + 1);
            json.WriteStartObject("error"u8);
            json.WriteString("message"u8, error.Message);
            json.WriteString("type"u8, error.OpenAiType);
            json.WriteString("code"u8, error.OpenAiCode);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        SseWriter.End(output);
    }

    protected override bool IsLastWithoutJson(ReadOnlySpan<byte> data) => data.SequenceEqual("[DONE]"u8);

    protected override void TakeJson(in SseFrame frame, IBufferWriter<byte> output)
    {
        int typeNode = Tape.Member(0, "type"u8);
        string type = typeNode >= 0 && Tape[typeNode].Kind is JsonKind.String ? Tape.Text(typeNode) : Encoding.UTF8.GetString(frame.Event.Span);
        ReadResponse(type);
        int delta = Tape.Member(0, "delta"u8);
        if (!Scrubber.IsActive)
        {
            if (delta >= 0 && Tape[delta].Kind is JsonKind.String && TextFinder.WhyUnseen(Tape, delta) is null && type is not "response.audio.delta")
            {
                Texts.Add(Number("output_index"u8), Part(), type, Tape.Text(delta));
            }

            Finish(frame, type, output);
            return;
        }

        if (type.EndsWith(".delta", StringComparison.Ordinal) && delta >= 0 && Tape[delta].Kind is JsonKind.String)
        {
            TakeDelta(frame, type, delta, output);
            return;
        }

        if (type.EndsWith(".done", StringComparison.Ordinal))
        {
            Flush(type, Number("output_index"u8), Part(), output);
        }
        else if (IsLast(type))
        {
            FlushAll(output);
        }

        int logprobs = Tape.Member(0, "logprobs"u8);
        DropLogprobs(logprobs);
        DropNestedLogprobs();
        ScrubDocument();
        Finish(frame, type, output);
    }

    protected override void FlushAll(IBufferWriter<byte> output)
    {
        foreach (TextChannel channel in Channels.ToArray())
        {
            Flush(channel, output);
        }

        foreach (HeldText held in Held.ToArray())
        {
            Flush(held, output);
        }
    }

    private static bool IsLast(string type) => type is "response.completed" or "response.incomplete" or "response.failed" or "response.cancelled" or "error";

    private static bool IsArguments(string type) =>
        type is "response.function_call_arguments.delta" or "response.mcp_call_arguments.delta" or "response.custom_tool_call_input.delta" or "response.mcp_call.arguments.delta";

    private void ReadResponse(string type)
    {
        int response = Tape.Member(0, "response"u8);
        if (response >= 0)
        {
            ServedModel = Tape.TextOf(response, "model"u8) ?? ServedModel;
            AnswerId = Tape.TextOf(response, "id"u8) ?? AnswerId;
            StopReason = Tape.TextOf(response, "status"u8) ?? StopReason;
            int usage = Tape.Member(response, "usage"u8);
            if (!Tape.IsNull(usage))
            {
                UsageRef = UsageCounts.OfOpenAi(Tape, usage);
            }
        }

        UpstreamFailed |= type is "response.failed" or "error";
        if (type is "response.output_item.added" && Tape.Member(0, "item"u8) is >= 0 and int item)
        {
            Called(Tape.IsText(Tape.Member(item, "type"u8), "message"u8) ? -1 : Tape.Member(item, "name"u8));
        }
    }

    private void TakeDelta(in SseFrame frame, string type, int delta, IBufferWriter<byte> output)
    {
        long index = Number("output_index"u8);
        long part = Part();
        if (TextFinder.WhyUnseen(Tape, delta) is not null || type is "response.audio.delta")
        {
            Unsee($"/output/{index}", UnseenPart.Media);
            Finish(frame, type, output);
            return;
        }

        if (IsArguments(type))
        {
            HeldText? held = Held.Find(h => h.Owner == index && h.Member == type);
            if (held is null)
            {
                held = new HeldText { Owner = index, Member = type };
                Held.Add(held);
                _items[held] = Item();
            }

            Hold(held, Tape.Text(delta));
            _shift--;
            return;
        }

        TextChannel? channel = Find(index, part, type);
        if (channel is null)
        {
            channel = Open(index, part, type, PointerOf(index, part, type));
            if (channel is null)
            {
                return;
            }

            channel.Item = Item();
        }

        DropLogprobs(Tape.Member(0, "logprobs"u8));
        if (!Pass(channel, delta))
        {
            _shift--;
            return;
        }

        for (int member = Tape.FirstChild(0); member >= 0; member = Tape.NextSibling(member))
        {
            if (member != delta && !Tape.IsNamed(member, "type"u8))
            {
                ScrubWhole(member);
            }
        }

        Finish(frame, type, output);
    }

    private byte[] Item() => Tape.Member(0, "item_id"u8) is >= 0 and int item ? Tape.Raw(item).ToArray() : [];

    private long Number(ReadOnlySpan<byte> name) => Math.Max(0, Tape.Number(Tape.Member(0, name)));

    private long Part() => Tape.Member(0, "content_index"u8) >= 0 ? Number("content_index"u8) : Number("summary_index"u8);

    // They repeat the text token by token.
    private void DropLogprobs(int logprobs)
    {
        if (Tape.FirstChild(logprobs) >= 0)
        {
            Edits.Replace(Tape[logprobs].Start, Tape[logprobs].End, "[]"u8);
        }
    }

    private void DropNestedLogprobs()
    {
        for (int node = 1; node < Tape.Count; node++)
        {
            if (Tape[node].Kind is JsonKind.Array && Tape[node].Parent != 0 && Tape.IsNamed(node, "logprobs"u8))
            {
                DropLogprobs(node);
            }
        }
    }

    private void Finish(in SseFrame frame, string type, IBufferWriter<byte> output)
    {
        if (Fault is not StreamFault.None)
        {
            return;
        }

        int sequence = Tape.Member(0, "sequence_number"u8);
        if (sequence >= 0 && Tape.Number(sequence) is >= 0 and long number)
        {
            _sequence = number + _shift;
            if (_shift != 0)
            {
                Edits.Replace(Tape[sequence].Start, Tape[sequence].End, Encoding.ASCII.GetBytes(_sequence.ToString(CultureInfo.InvariantCulture)));
            }
        }

        if (IsLast(type))
        {
            End(frame);
        }
        else
        {
            WriteEdited(frame, output);
        }
    }

    // response.output_text.done ends response.output_text.delta; the end of a part or item ends all of it.
    private void Flush(string done, long index, long part, IBufferWriter<byte> output)
    {
        string own = string.Concat(done.AsSpan(0, done.Length - 4), "delta");
        bool wholeItem = done is "response.output_item.done";
        bool wholePart = done is "response.content_part.done" or "response.reasoning_summary_part.done";
        foreach (TextChannel channel in Channels.ToArray())
        {
            if (channel.Owner == index && (wholeItem || (channel.Part == part && (wholePart || channel.Name == own))))
            {
                Flush(channel, output);
            }
        }

        foreach (HeldText held in Held.ToArray())
        {
            if (held.Owner == index && (wholeItem || held.Member == own))
            {
                Flush(held, output);
            }
        }
    }

    private void Flush(TextChannel channel, IBufferWriter<byte> output)
    {
        string rest = channel.Scrubber.Flush();
        Channels.Remove(channel);
        if (rest.Length > 0)
        {
            WriteDelta(output, channel.Name, channel.Owner, channel.Part, channel.Item, rest);
        }
    }

    private void Flush(HeldText held, IBufferWriter<byte> output)
    {
        string arguments = Release(held, PointerOf(held.Owner, 0, held.Member));
        _items.Remove(held, out byte[]? item);
        if (arguments.Length > 0)
        {
            WriteDelta(output, held.Member, held.Owner, null, item ?? [], arguments);
        }
    }

    // A delta of ours takes the next number; all later events move up by one.
    private void WriteDelta(IBufferWriter<byte> output, string type, long index, long? part, byte[] item, string text)
    {
        SseWriter.Begin(output, Encoding.UTF8.GetBytes(type));
        using (var json = new Utf8JsonWriter(output, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("type"u8, type);
            if (item.Length > 0)
            {
                json.WritePropertyName("item_id"u8);
                json.WriteRawValue(item, skipInputValidation: true);
            }

            json.WriteNumber("output_index"u8, index);
            if (part is { } at)
            {
                json.WriteNumber(type.Contains("summary", StringComparison.Ordinal) ? "summary_index"u8 : "content_index"u8, at);
            }

            json.WriteString("delta"u8, text);
            if (type is "response.output_text.delta")
            {
                json.WriteStartArray("logprobs"u8);
                json.WriteEndArray();
            }

            json.WriteNumber("sequence_number"u8, _sequence + 1);
            json.WriteEndObject();
        }

        SseWriter.End(output);
        _sequence++;
        _shift++;
    }
}
