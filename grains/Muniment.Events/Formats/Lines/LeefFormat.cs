using System.Buffers;
using Muniment.Events.Formats.Meaning;
using Muniment.Events.Formats.Residue;

namespace Muniment.Events.Formats.Lines;

/// <summary>
/// IBM's Log Event Extended Format 2.0 with tab as delimiter. LEEF has no escapes: a tab or a line end in a value becomes a blank and the exact value stands in the rest.
/// See <c>docs/siem/formats.md</c>.
/// </summary>
internal sealed class LeefFormat : LineFormat
{
    private const int Longest = 4000;
    private bool _first;

    /// <inheritdoc/>
    public override string Name => "leef";

    /// <inheritdoc/>
    protected override void WriteHeader()
    {
        _first = true;
        Output.Write("LEEF:2.0|Muniment|Muniment|1|"u8);
        WriteHead(Event.Action);
        Output.Write("|x09|"u8);
    }

    /// <inheritdoc/>
    protected override void WriteFields()
    {
        Span<byte> time = stackalloc byte[Timestamps.SizeBytes];
        Timestamps.Format(Event.TimeNs, time);
        time[23] = (byte)'Z'; // milliseconds; all nine digits stay in the rest
        Pair("devTime"u8, time[..24]);
        Pair("devTimeFormat"u8, "yyyy-MM-dd'T'HH:mm:ss.SSSX"u8);
        Pair("cat"u8, Event.Stream, EventLeaf.Stream, Longest);
        Pair("sev"u8, Meaning.Severity switch { EventSeverity.Critical => "10"u8, EventSeverity.High => "8"u8, EventSeverity.Medium => "6"u8, EventSeverity.Low => "4"u8, _ => "2"u8 });
        string? human = Event.Actor.Human;
        bool named = !string.IsNullOrEmpty(human);
        Pair("usrName"u8, named ? human : Event.Actor.Id, named ? EventLeaf.ActorUser : EventLeaf.ActorId, Longest);
        Pair("accountName"u8, Event.Actor.Id, EventLeaf.ActorId, Longest);
        bool address = NetworkAddress.IsOne(Event.Client?.Address);
        Pair(address ? "src"u8 : "srcHost"u8, Event.Client?.Address, EventLeaf.ClientAddress, Longest);
        bool place = !string.IsNullOrEmpty(Event.Resource?.Workspace);
        Pair("identHostName"u8, place ? Event.Resource!.Workspace : Event.Agent?.Instance, place ? EventLeaf.Workspace : EventLeaf.AgentInstance, Longest);
        Pair("action"u8, Event.Action, EventLeaf.Action, Longest);
        Pair("result"u8, Event.Result, EventLeaf.Result, Longest);
        Pair("reason"u8, Event.Reason, EventLeaf.Reason, Longest);
        Pair("resource"u8, Event.Target, EventLeaf.Target, Longest);
        Pair("policy"u8, Event.Policy?.Id, EventLeaf.PolicyId, Longest);
        Pair("rule"u8, Event.Policy?.Rule, EventLeaf.PolicyRule, Longest);
        Pair("eventUid"u8, Event.Id, EventLeaf.Id, Longest);
        Pair("agent"u8, Event.Agent?.Kind, EventLeaf.AgentKind, Longest);
        Pair("session"u8, Event.Trace?.Session, EventLeaf.Session, Longest);
        Pair("correlation"u8, Event.Trace?.Correlation, EventLeaf.Correlation, Longest);
        Pair("tool"u8, Event.Tool?.Name, EventLeaf.ToolName, Longest);
        Pair("command"u8, Event.Tool?.Command, EventLeaf.ToolCommand, Longest);
        bool served = !string.IsNullOrEmpty(Event.Model?.Served);
        Pair("model"u8, served ? Event.Model!.Served : Event.Model?.Requested, served ? EventLeaf.ModelServed : EventLeaf.ModelRequested, Longest);
        Pair("msg"u8, Summary(), Longest);
    }

    /// <inheritdoc/>
    protected override void WriteKey(ReadOnlySpan<byte> key)
    {
        if (!_first)
        {
            Output.Write("\t"u8);
        }

        _first = false;
        Output.Write(key);
        Output.Write("="u8);
    }

    /// <inheritdoc/>
    protected override bool WriteValue(ReadOnlySpan<char> text, int maxBytes)
    {
        ReadOnlySpan<char> kept = Utf8Cut.ToBytes(text, maxBytes);
        bool exact = kept.Length == text.Length && text[0] != ' ' && text[^1] != ' ';
        Span<byte> target = Output.GetSpan(kept.Length * 3);
        int written = 0;
        for (int i = 0; i < kept.Length;)
        {
            char c = kept[i];
            if (c >= 0x80)
            {
                i += EncodeRune(kept[i..], target[written..], out int size);
                exact &= !char.IsSurrogate(c) || size == 4;
                written += size;
                continue;
            }

            i++;
            bool control = c is < ' ' or '\u007f';
            target[written++] = control ? (byte)' ' : (byte)c;
            exact &= !control;
        }

        Output.Advance(written);
        return exact;
    }

    /// <inheritdoc/>
    protected override void WriteValue(ReadOnlySpan<byte> utf8)
    {
        Span<byte> target = Output.GetSpan(utf8.Length);
        for (int i = 0; i < utf8.Length; i++)
        {
            target[i] = utf8[i] < 0x20 ? (byte)' ' : utf8[i];
        }

        Output.Advance(utf8.Length);
    }

    /// <summary>The event's id in the header, without the pipes and control characters that cannot stand there; the exact action is a pair too.</summary>
    private void WriteHead(ReadOnlySpan<char> text)
    {
        Span<byte> target = Output.GetSpan((text.Length * 3) + 1);
        int written = 0;
        for (int i = 0; i < text.Length;)
        {
            char c = text[i];
            if (c >= 0x80)
            {
                i += EncodeRune(text[i..], target[written..], out int size);
                written += size;
                continue;
            }

            i++;
            target[written++] = c is '|' or < ' ' or '\u007f' ? (byte)'_' : (byte)c;
        }

        Output.Advance(written);
    }
}
