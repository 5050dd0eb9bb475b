using System.Buffers;
using System.Globalization;
using Muniment.Gateway.Llm.Texts;
using Muniment.Gateway.Llm.Json;
using Muniment.Gateway.Llm.Redaction;
using Muniment.Gateway.Llm.Sse;
using Muniment.Gateway.Llm.Usage;

namespace Muniment.Gateway.Llm.Streaming;

/// <summary>
/// Chat completions and legacy completions: frames of data alone, each choice its own texts, <c>[DONE]</c> at the end. The chunk with the usage comes after the finish reasons and is swallowed
/// when the gateway asked for it.
/// </summary>
internal sealed class ChatStream(Scrubber scrubber, StreamSettings settings) : StreamRewriter(scrubber, settings)
{
    private readonly ChatChunks _chunks = new();
    private bool _begun;

    public override string PointerOf(long owner, long part, string name) => name switch
    {
        "text" => string.Create(CultureInfo.InvariantCulture, $"/choices/{owner}/text"),
        "arguments" or "input" when part < 0 => string.Create(CultureInfo.InvariantCulture, $"/choices/{owner}/message/function_call/arguments"),
        "arguments" => string.Create(CultureInfo.InvariantCulture, $"/choices/{owner}/message/tool_calls/{part}/function/arguments"),
        "input" => string.Create(CultureInfo.InvariantCulture, $"/choices/{owner}/message/tool_calls/{part}/custom/input"),
        _ => string.Create(CultureInfo.InvariantCulture, $"/choices/{owner}/message/{name}"),
    };

    public override void WriteError(IBufferWriter<byte> output, StreamError error) => ChatChunks.WriteError(output, error);

    protected override bool IsLastWithoutJson(ReadOnlySpan<byte> data) => data.Trim(" "u8).SequenceEqual("[DONE]"u8);

    protected override void TakeJson(in SseFrame frame, IBufferWriter<byte> output)
    {
        Begin();
        int choices = Tape.Member(0, "choices"u8);
        bool keep = ReadUsage(choices, out bool swallow);
        if (swallow)
        {
            return;
        }

        if (!Tape.IsNull(Tape.Member(0, "error"u8)))
        {
            UpstreamFailed = true;
            ScrubDocument();
            WriteEdited(frame, output);
            return;
        }

        keep |= Tape.FirstChild(choices) < 0;
        for (int choice = Tape.FirstChild(choices); choice >= 0; choice = Tape.NextSibling(choice))
        {
            keep |= TakeChoice(choice, output);
        }

        if (Fault is not StreamFault.None || !keep)
        {
            return;
        }

        ScrubRest(choices);
        WriteEdited(frame, output);
    }

    protected override void FlushAll(IBufferWriter<byte> output)
    {
        foreach (long choice in Channels.Select(channel => channel.Owner).Concat(Held.Select(held => held.Owner)).Distinct().ToArray())
        {
            Flush(choice, output);
        }
    }

    private void Begin()
    {
        if (_begun || Tape.Member(0, "id"u8) is not (>= 0 and int id))
        {
            return;
        }

        _begun = true;
        AnswerId = Tape[id].Kind is JsonKind.String ? Tape.Text(id) : null;
        ServedModel = Tape.TextOf(0, "model"u8);
        _chunks.Begin(Tape);
    }

    private bool ReadUsage(int choices, out bool swallow)
    {
        swallow = false;
        int usage = Tape.Member(0, "usage"u8);
        if (Tape.IsNull(usage) || Tape[usage].Kind is not JsonKind.Object)
        {
            return false;
        }

        UsageRef = UsageCounts.OfOpenAi(Tape, usage);
        swallow = Settings.SwallowUsage && Tape.FirstChild(choices) < 0;
        if (!swallow && Settings.SwallowUsage)
        {
            // Servers exist that put the usage into the last chunk of a choice: the client did not ask for it.
            Edits.Replace(Tape[usage].Start, Tape[usage].End, "null"u8);
        }

        return true;
    }

    private bool TakeChoice(int choice, IBufferWriter<byte> output)
    {
        long index = Tape.Number(Tape.Member(choice, "index"u8)) is >= 0 and long number ? number : Tape[choice].Index;
        int finish = Tape.Member(choice, "finish_reason"u8);
        int delta = Tape.Member(choice, "delta"u8);
        bool keep = !Tape.IsNull(finish);
        if (keep)
        {
            StopReason = Tape[finish].Kind is JsonKind.String ? Tape.Text(finish) : StopReason;
        }

        if (!Scrubber.IsActive)
        {
            CountTools(delta);
            CollectTexts(index, choice, delta);
            return true;
        }

        keep |= TakeDelta(index, delta, final: keep);
        if (Tape.Member(choice, "text"u8) is >= 0 and int text && Tape[text].Kind is JsonKind.String)
        {
            keep |= PassText(index, text, "text", final: !Tape.IsNull(finish));
        }

        if (Tape.Member(choice, "logprobs"u8) is >= 0 and int logprobs && !Tape.IsNull(logprobs))
        {
            // They repeat the text token by token.
            Edits.Replace(Tape[logprobs].Start, Tape[logprobs].End, "null"u8);
        }

        if (!Tape.IsNull(finish))
        {
            Flush(index, output);
        }

        return keep;
    }

    private void CountTools(int delta)
    {
        int calls = Tape.Member(delta, "tool_calls"u8);
        for (int call = Tape.FirstChild(calls); call >= 0; call = Tape.NextSibling(call))
        {
            Called(Tape.Member(Tape.Member(call, "function"u8), "name"u8));
            Called(Tape.Member(Tape.Member(call, "custom"u8), "name"u8));
        }
    }

    private void CollectTexts(long index, int choice, int delta)
    {
        for (int member = Tape.FirstChild(delta); member >= 0; member = Tape.NextSibling(member))
        {
            if (Tape[member].Kind is JsonKind.String && !Tape.IsNamed(member, "role"u8))
            {
                Texts.Add(index, 0, Name(member), Tape.Text(member));
            }
            else if (Tape.IsNamed(member, "tool_calls"u8))
            {
                for (int call = Tape.FirstChild(member); call >= 0; call = Tape.NextSibling(call))
                {
                    int arguments = Tape.Member(Tape.Member(call, "function"u8), "arguments"u8);
                    arguments = arguments >= 0 ? arguments : Tape.Member(Tape.Member(call, "custom"u8), "input"u8);
                    if (arguments >= 0 && Tape[arguments].Kind is JsonKind.String)
                    {
                        Texts.Add(index, Math.Max(0, Tape.Number(Tape.Member(call, "index"u8))), "arguments", Tape.Text(arguments));
                    }
                }
            }
        }

        if (Tape.Member(choice, "text"u8) is >= 0 and int text && Tape[text].Kind is JsonKind.String)
        {
            Texts.Add(index, 0, "text", Tape.Text(text));
        }
    }

    private bool TakeDelta(long index, int delta, bool final)
    {
        bool keep = false;
        for (int member = Tape.FirstChild(delta); member >= 0; member = Tape.NextSibling(member))
        {
            if (Tape.IsNamed(member, "role"u8))
            {
                keep = true;
            }
            else if (Tape.IsNamed(member, "tool_calls"u8))
            {
                for (int call = Tape.FirstChild(member); call >= 0; call = Tape.NextSibling(call))
                {
                    keep |= TakeCall(index, Tape.Number(Tape.Member(call, "index"u8)) is >= 0 and long number ? number : Tape[call].Index, call, final);
                }
            }
            else if (Tape.IsNamed(member, "function_call"u8))
            {
                keep |= TakeFunction(index, -1, member, "arguments", final);
            }
            else if (Tape[member].Kind is JsonKind.String)
            {
                keep |= PassText(index, member, Name(member), final);
            }
            else
            {
                keep |= TakeOther(index, member, final);
            }
        }

        return keep;
    }

    private string Name(int member) => Tape.IsNamed(member, "content"u8) ? "content" : Tape.IsNamed(member, "refusal"u8) ? "refusal" : Tape.Name(member);

    // Objects and arrays that are not known here: each string is a text of its own that goes on from frame to frame.
    private bool TakeOther(long index, int member, bool final)
    {
        bool keep = false;
        for (int node = member; node < Tape[member].Next; node++)
        {
            if (Tape[node].Kind is JsonKind.String && !Tape.IsNamed(node, "type"u8) && Redacts(node))
            {
                string path = Tape.Pointer(node);
                keep |= PassText(index, node, path[(path.IndexOf("/delta/", StringComparison.Ordinal) + 7)..], final);
            }
        }

        return keep;
    }

    private bool Redacts(int node)
    {
        if (TextFinder.WhyUnseen(Tape, node) is { } why)
        {
            Unsee(Tape.Pointer(node), why);
            return false;
        }

        return true;
    }

    private bool PassText(long index, int node, string name, bool final)
    {
        TextChannel? channel = Find(index, 0, name) ?? Open(index, 0, name, PointerOf(index, 0, name));
        return channel is not null && Pass(channel, node, final);
    }

    private bool TakeCall(long choice, long index, int call, bool final)
    {
        bool keep = false;
        for (int member = Tape.FirstChild(call); member >= 0; member = Tape.NextSibling(member))
        {
            if (Tape.IsNamed(member, "function"u8))
            {
                keep |= TakeFunction(choice, index, member, "arguments", final);
            }
            else if (Tape.IsNamed(member, "custom"u8))
            {
                keep |= TakeFunction(choice, index, member, "input", final);
            }
            else if (Tape[member].Kind is JsonKind.String && !Tape.IsNamed(member, "type"u8))
            {
                keep = true;
                ScrubWhole(member);
            }
        }

        return keep;
    }

    private bool TakeFunction(long choice, long index, int function, string carrier, bool final)
    {
        bool keep = false;
        for (int member = Tape.FirstChild(function); member >= 0; member = Tape.NextSibling(member))
        {
            if (Tape[member].Kind is not JsonKind.String)
            {
                continue;
            }

            if (Tape.IsNamed(member, "name"u8))
            {
                keep = true;
                Called(member);
                ScrubWhole(member);
            }
            else
            {
                HeldText? held = Held.Find(h => h.Owner == choice && h.Index == index);
                if (held is null)
                {
                    held = new HeldText { Owner = choice, Index = index, Member = carrier };
                    Held.Add(held);
                }

                Hold(held, Tape.Text(member));
                if (final)
                {
                    // What came before and this last piece, where this piece stood.
                    keep = true;
                    Edits.ReplaceWithText(Tape[member].Start, Tape[member].End, Release(held, Pointer(held)));
                }
                else if (Tape[member].End - Tape[member].Start > 2)
                {
                    Edits.Replace(Tape[member].Start, Tape[member].End, "\"\""u8);
                }
            }
        }

        return keep;
    }

    private void ScrubRest(int choices)
    {
        if (!Scrubber.IsActive)
        {
            return;
        }

        for (int member = Tape.FirstChild(0); member >= 0; member = Tape.NextSibling(member))
        {
            if (member == choices || Tape.IsNamed(member, "usage"u8))
            {
                continue;
            }

            for (int node = member; node < Tape[member].Next; node++)
            {
                ScrubWhole(node);
            }
        }

        // A choice's own strings beside its delta: none are known but finish_reason, so these are whole ones.
        for (int choice = Tape.FirstChild(choices); choice >= 0; choice = Tape.NextSibling(choice))
        {
            for (int member = Tape.FirstChild(choice); member >= 0; member = Tape.NextSibling(member))
            {
                if (!Tape.IsNamed(member, "delta"u8) && !Tape.IsNamed(member, "text"u8) && !Tape.IsNamed(member, "logprobs"u8))
                {
                    for (int node = member; node < Tape[member].Next; node++)
                    {
                        ScrubWhole(node);
                    }
                }
            }
        }
    }

    private void Flush(long choice, IBufferWriter<byte> output)
    {
        for (int i = Channels.Count - 1; i >= 0; i--)
        {
            TextChannel channel = Channels[i];
            if (channel.Owner != choice)
            {
                continue;
            }

            string rest = channel.Scrubber.Flush();
            Channels.RemoveAt(i);
            if (rest.Length > 0)
            {
                _chunks.WriteText(output, choice, channel.Name, rest);
            }
        }

        foreach (HeldText held in Held.Where(h => h.Owner == choice).ToArray())
        {
            string arguments = Release(held, Pointer(held));
            if (arguments.Length > 0)
            {
                _chunks.WriteArguments(output, choice, held, arguments);
            }
        }
    }

    private string Pointer(HeldText held) => PointerOf(held.Owner, held.Index, held.Member);
}
