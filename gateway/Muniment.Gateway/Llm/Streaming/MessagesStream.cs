using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Muniment.Gateway.Llm.Texts;
using Muniment.Gateway.Llm.Json;
using Muniment.Gateway.Llm.Redaction;
using Muniment.Gateway.Llm.Sse;
using Muniment.Policy.Documents;

namespace Muniment.Gateway.Llm.Streaming;

/// <summary>
/// Anthropic messages: each content block is a text of its own. Signed reasoning must not be altered, so its block is held until it is whole and then passes, is left out, or ends the stream,
/// as policy says; blocks after one that was left out move up, because SDKs place blocks by index.
/// </summary>
internal sealed class MessagesStream(Scrubber scrubber, StreamSettings settings) : StreamRewriter(scrubber, settings)
{
    private readonly ArrayBufferWriter<byte> _heldBlock = new();
    private readonly StringBuilder _thinking = new();
    private long _thinkingBlock = -1;
    private long _dropped;

    public override string PointerOf(long owner, long part, string name) => string.Create(CultureInfo.InvariantCulture, $"/content/{owner}/{(name is "partial_json" ? "input" : name)}");

    public override void WriteError(IBufferWriter<byte> output, StreamError error)
    {
        SseWriter.Begin(output, "error"u8);
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            json.WriteString("type"u8, "error"u8);
            json.WriteStartObject("error"u8);
            json.WriteString("type"u8, error.AnthropicType);
            json.WriteString("message"u8, error.Message);
            json.WriteEndObject();
            json.WriteString("request_id"u8, error.RequestId);
            json.WriteEndObject();
        }

        SseWriter.End(output);
    }

    protected override void TakeJson(in SseFrame frame, IBufferWriter<byte> output)
    {
        int type = Tape.Member(0, "type"u8);
        ReadMessage(type);
        bool last = Tape.IsText(type, "message_stop"u8) || Tape.IsText(type, "error"u8);
        UpstreamFailed |= Tape.IsText(type, "error"u8);
        if (!Scrubber.IsActive)
        {
            CollectTexts(Tape.Member(0, "delta"u8));
            Write(frame, last, output);
            return;
        }

        if (Tape.IsText(type, "content_block_delta"u8))
        {
            TakeDelta(frame, output);
            return;
        }

        if (Tape.IsText(type, "content_block_start"u8))
        {
            TakeStart(frame, output);
            return;
        }

        if (Tape.IsText(type, "content_block_stop"u8))
        {
            TakeStop(frame, output);
            return;
        }

        if (last || Tape.IsText(type, "message_delta"u8))
        {
            FlushAll(output);
        }

        ScrubDocument();
        Write(frame, last, output);
    }

    protected override void FlushAll(IBufferWriter<byte> output)
    {
        foreach (long block in Channels.Select(channel => channel.Owner).Concat(Held.Select(held => held.Owner)).Distinct().ToArray())
        {
            FlushBlock(block, output);
        }

        // A block of reasoning without its end cannot be judged as a whole; it is not shown.
        _heldBlock.ResetWrittenCount();
        _thinkingBlock = -1;
    }

    private void ReadMessage(int type)
    {
        int message = Tape.Member(0, "message"u8);
        if (message >= 0)
        {
            ServedModel = Tape.TextOf(message, "model"u8);
            AnswerId = Tape.TextOf(message, "id"u8);
            ReadUsage(Tape.Member(message, "usage"u8));
        }

        if (Tape.IsText(type, "message_delta"u8))
        {
            StopReason = Tape.TextOf(Tape.Member(0, "delta"u8), "stop_reason"u8) ?? StopReason;
            ReadUsage(Tape.Member(0, "usage"u8));
        }

        int block = Tape.Member(0, "content_block"u8);
        if (block >= 0)
        {
            Called(Tape.Member(block, "name"u8));
        }
    }

    private void ReadUsage(int usage)
    {
        if (!Tape.IsNull(usage) && Tape[usage].Kind is JsonKind.Object)
        {
            UsageRef.OverwriteWithAnthropic(Tape, usage);
        }
    }

    private void CollectTexts(int delta)
    {
        for (int member = Tape.FirstChild(delta); member >= 0; member = Tape.NextSibling(member))
        {
            if (Tape[member].Kind is JsonKind.String && !Tape.IsNamed(member, "type"u8) && !Tape.IsNamed(member, "signature"u8) && !Tape.IsNamed(member, "stop_reason"u8))
            {
                Texts.Add(Block(), 0, Tape.Name(member), Tape.Text(member));
            }
        }
    }

    private long Block() => Math.Max(0, Tape.Number(Tape.Member(0, "index"u8)));

    private void TakeStart(in SseFrame frame, IBufferWriter<byte> output)
    {
        long index = Block();
        int block = Tape.Member(0, "content_block"u8);
        int type = Tape.Member(block, "type"u8);
        if (Tape.IsText(type, "thinking"u8))
        {
            _thinkingBlock = index;
            _thinking.Clear();
            _heldBlock.ResetWrittenCount();
            TakeThinking(Tape.Member(block, "thinking"u8));
            HoldFrame(frame);
            return;
        }

        int text = Tape.IsText(type, "text"u8) ? Tape.Member(block, "text"u8) : -1;
        if (text >= 0 && Tape[text].Kind is JsonKind.String)
        {
            TextChannel? channel = Open(index, 0, "text", PointerOf(index, 0, "text"));
            if (channel is null)
            {
                return;
            }

            Pass(channel, text);
            ScrubAllBut(text);
        }
        else
        {
            ScrubDocument();
        }

        Write(frame, last: false, output);
    }

    private void TakeDelta(in SseFrame frame, IBufferWriter<byte> output)
    {
        long index = Block();
        int delta = Tape.Member(0, "delta"u8);
        int type = Tape.Member(delta, "type"u8);
        if (index == _thinkingBlock)
        {
            TakeThinking(Tape.Member(delta, "thinking"u8));
            HoldFrame(frame);
            return;
        }

        if (Tape.IsText(type, "input_json_delta"u8))
        {
            int fragment = Tape.Member(delta, "partial_json"u8);
            if (fragment >= 0 && Tape[fragment].Kind is JsonKind.String)
            {
                HeldText? held = Held.Find(h => h.Owner == index);
                if (held is null)
                {
                    held = new HeldText { Owner = index, Member = "partial_json" };
                    Held.Add(held);
                }

                Hold(held, Tape.Text(fragment));
            }

            return;
        }

        bool keep = false;
        for (int member = Tape.FirstChild(delta); member >= 0; member = Tape.NextSibling(member))
        {
            if (Tape[member].Kind is not JsonKind.String)
            {
                keep = true;
                for (int node = member; node < Tape[member].Next; node++)
                {
                    ScrubWhole(node);
                }
            }
            else if (!Tape.IsNamed(member, "type"u8))
            {
                string name = Tape.IsNamed(member, "text"u8) ? "text" : Tape.Name(member);
                TextChannel? channel = Find(index, 0, name) ?? Open(index, 0, name, PointerOf(index, 0, name));
                keep |= channel is not null && Pass(channel, member);
                if (channel is { Item.Length: 0 } && type >= 0)
                {
                    channel.Item = Tape.Raw(type).ToArray();
                }
            }
        }

        if (keep)
        {
            Write(frame, last: false, output);
        }
    }

    private void TakeStop(in SseFrame frame, IBufferWriter<byte> output)
    {
        long index = Block();
        if (index != _thinkingBlock)
        {
            FlushBlock(index, output);
            Write(frame, last: false, output);
            return;
        }

        _thinkingBlock = -1;
        bool found = Scrubber.Scrub(_thinking.ToString(), new TextPlace(PointerOf(index, 0, "thinking"))) is not null;
        HeldChars -= Math.Min(HeldChars, _heldBlock.WrittenCount);
        if (!found || Settings.Reasoning is ReasoningMode.Pass)
        {
            if (found)
            {
                Unsee(PointerOf(index, 0, "thinking"), UnseenPart.Encrypted);
            }

            output.Write(_heldBlock.WrittenSpan);
            Write(frame, last: false, output);
        }
        else if (Settings.Reasoning is ReasoningMode.Deny)
        {
            Fault = StreamFault.Reasoning;
        }
        else
        {
            _dropped++;
        }

        _heldBlock.ResetWrittenCount();
    }

    private void TakeThinking(int node)
    {
        if (node >= 0 && Tape[node].Kind is JsonKind.String)
        {
            string piece = Tape.Text(node);
            _thinking.Append(piece);
            Texts.Add(_thinkingBlock, 0, "thinking", piece);
        }
    }

    private void HoldFrame(in SseFrame frame)
    {
        int before = _heldBlock.WrittenCount;
        Move();
        WriteEdited(frame, _heldBlock);
        HeldChars += _heldBlock.WrittenCount - before;
        if (HeldChars > MaxHeldChars)
        {
            Fault = StreamFault.TooLarge;
        }
    }

    private void ScrubAllBut(int node)
    {
        for (int other = 1; other < Tape.Count; other++)
        {
            if (other != node)
            {
                ScrubWhole(other);
            }
        }
    }

    private void Write(in SseFrame frame, bool last, IBufferWriter<byte> output)
    {
        if (Fault is not StreamFault.None)
        {
            return;
        }

        Move();
        if (last)
        {
            End(frame);
        }
        else
        {
            WriteEdited(frame, output);
        }
    }

    private void Move()
    {
        int index = Tape.Member(0, "index"u8);
        if (_dropped > 0 && index >= 0)
        {
            Edits.Replace(Tape[index].Start, Tape[index].End, Encoding.ASCII.GetBytes((Block() - _dropped).ToString(CultureInfo.InvariantCulture)));
        }
    }

    private void FlushBlock(long block, IBufferWriter<byte> output)
    {
        foreach (TextChannel channel in Channels.Where(c => c.Owner == block).ToArray())
        {
            string rest = channel.Scrubber.Flush();
            Channels.Remove(channel);
            if (rest.Length > 0)
            {
                WriteDelta(output, block, channel.Item.Length > 0 ? channel.Item : "\"text_delta\""u8, channel.Name, rest);
            }
        }

        if (Held.Find(h => h.Owner == block) is { } held)
        {
            string arguments = Release(held, PointerOf(block, 0, "partial_json"));
            if (arguments.Length > 0)
            {
                WriteDelta(output, block, "\"input_json_delta\""u8, "partial_json", arguments);
            }
        }
    }

    private void WriteDelta(IBufferWriter<byte> output, long block, ReadOnlySpan<byte> type, string name, string text)
    {
        SseWriter.Begin(output, "content_block_delta"u8);
        using (var json = new Utf8JsonWriter(output, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("type"u8, "content_block_delta"u8);
            json.WriteNumber("index"u8, block - _dropped);
            json.WriteStartObject("delta"u8);
            json.WritePropertyName("type"u8);
            json.WriteRawValue(type, skipInputValidation: true);
            json.WriteString(name, text);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        SseWriter.End(output);
    }
}
