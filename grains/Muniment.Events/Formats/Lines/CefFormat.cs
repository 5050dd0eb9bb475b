using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Muniment.Events.Formats.Meaning;
using Muniment.Events.Formats.Residue;

namespace Muniment.Events.Formats.Lines;

/// <summary>
/// ArcSight's Common Event Format, version 0. Keys of its dictionary within their lengths, six labelled texts, three labelled numbers, and own keys <c>muniment…</c> for the
/// marks and for the rest as JSON. See <c>docs/siem/formats.md</c>.
/// </summary>
internal sealed class CefFormat : LineFormat
{
    private const int Longest = 4000;
    private bool _first;

    /// <inheritdoc/>
    public override string Name => "cef";

    /// <inheritdoc/>
    protected override void WriteHeader()
    {
        _first = true;
        Output.Write("CEF:0|Muniment|Muniment|1|"u8);
        WriteHead(Event.Action);
        Output.Write("|"u8);
        WriteHead(Event.Action);
        Output.Write(" "u8);
        WriteHead(Event.Result);
        Output.Write(Meaning.Severity switch
        {
            EventSeverity.Critical => "|10|"u8, EventSeverity.High => "|8|"u8, EventSeverity.Medium => "|6|"u8, EventSeverity.Low => "|4|"u8, _ => "|2|"u8,
        });
    }

    /// <inheritdoc/>
    protected override void WriteFields()
    {
        Pair("rt"u8, Event.TimeNs / 1_000_000); // its nanoseconds stay in the rest
        WriteId();
        Pair("cat"u8, Event.Stream, EventLeaf.Stream, 1023);
        Pair("act"u8, Event.Result, EventLeaf.Result, 63);
        Pair("outcome"u8, Meaning.Status switch { EventStatus.Success => "success"u8, EventStatus.Failure => "failure"u8, _ => "unknown"u8 });
        Pair("reason"u8, Event.Reason, EventLeaf.Reason, 1023);
        Pair("msg"u8, Summary(), 1023);
        string? human = Event.Actor.Human;
        bool named = !string.IsNullOrEmpty(human);
        Pair("suser"u8, named ? human : Event.Actor.Id, named ? EventLeaf.ActorUser : EventLeaf.ActorId, 1023);
        Pair("suid"u8, Event.Actor.Id, EventLeaf.ActorId, 1023);
        Pair("sourceServiceName"u8, Event.Agent?.Kind, EventLeaf.AgentKind, 1023);
        WriteSource();
        Pair("destinationServiceName"u8, Event.Tool?.Server, EventLeaf.ToolServer, 1023);
        Pair("sproc"u8, Event.Tool?.Name, EventLeaf.ToolName, 1023);
        WriteTarget();
        Labelled("cs1"u8, "policy"u8, Event.Policy?.Id, EventLeaf.PolicyId);
        Labelled("cs2"u8, "rule"u8, Event.Policy?.Rule, EventLeaf.PolicyRule);
        Labelled("cs3"u8, "session"u8, Event.Trace?.Session, EventLeaf.Session);
        Labelled("cs4"u8, "correlation"u8, Event.Trace?.Correlation, EventLeaf.Correlation);
        bool served = !string.IsNullOrEmpty(Event.Model?.Served);
        Labelled("cs5"u8, "model"u8, served ? Event.Model!.Served : Event.Model?.Requested, served ? EventLeaf.ModelServed : EventLeaf.ModelRequested);
        Number("cn1"u8, "inputTokens"u8, Event.Usage?.Input, EventLeaf.UsageInput);
        Number("cn2"u8, "outputTokens"u8, Event.Usage?.Output, EventLeaf.UsageOutput);
        Number("cn3"u8, "exitCode"u8, Event.Tool?.ExitCode, EventLeaf.ToolExitCode);
    }

    private void WriteId()
    {
        if (Event.Id.Length <= 40)
        {
            Pair("externalId"u8, Event.Id, EventLeaf.Id, 40);
            return;
        }

        // The key holds 40 characters: the first 20 bytes of the id's SHA-256. The id itself is in the rest.
        Span<byte> hash = stackalloc byte[32];
        Span<byte> utf8 = stackalloc byte[1024];
        SHA256.HashData(utf8[..Encoding.UTF8.GetBytes(Utf8Cut.ToBytes(Event.Id, utf8.Length), utf8)], hash);
        Span<byte> hex = stackalloc byte[40];
        Convert.TryToHexStringLower(hash[..20], hex, out _);
        Pair("externalId"u8, hex);
    }

    private void WriteSource()
    {
        string? address = Event.Client?.Address;
        if (!NetworkAddress.IsOne(address))
        {
            Pair("shost"u8, address, EventLeaf.ClientAddress, 1023);
        }
        else if (address!.Contains(':'))
        {
            Labelled("c6a2"u8, "Source IPv6 Address"u8, address, EventLeaf.ClientAddress);
        }
        else
        {
            Pair("src"u8, address, EventLeaf.ClientAddress, 1023);
        }
    }

    private void WriteTarget()
    {
        switch (Meaning.Family)
        {
            case ActionFamily.File:
                Pair("filePath"u8, Event.Target, EventLeaf.Target, 1023);
                if (Event.Target is { } path)
                {
                    Pair("fname"u8, path.AsSpan(path.LastIndexOfAny(['/', '\\']) + 1), 1023);
                }

                Pair("fileHash"u8, Event.Artifact?.Digest, EventLeaf.ArtifactDigest, 255);
                break;
            case ActionFamily.Account or ActionFamily.Access:
                Pair("duser"u8, Event.Target, EventLeaf.Target, 1023);
                break;
            case ActionFamily.Command:
                Labelled("cs6"u8, "command"u8, Event.Tool?.Command, EventLeaf.ToolCommand);
                break;
            default:
                Labelled("cs6"u8, "target"u8, Event.Target, EventLeaf.Target);
                break;
        }
    }

    private void Labelled(ReadOnlySpan<byte> key, ReadOnlySpan<byte> label, string? value, EventLeaf leaf)
    {
        if (!string.IsNullOrEmpty(value))
        {
            WriteLabel(key, label);
            Pair(key, value, leaf, Longest);
        }
    }

    private void Number(ReadOnlySpan<byte> key, ReadOnlySpan<byte> label, long? value, EventLeaf leaf)
    {
        if (value is { } number)
        {
            WriteLabel(key, label);
            Pair(key, number);
            Tick(leaf);
        }
    }

    private void WriteLabel(ReadOnlySpan<byte> key, ReadOnlySpan<byte> label)
    {
        Span<byte> name = stackalloc byte[16];
        key.CopyTo(name);
        "Label"u8.CopyTo(name[key.Length..]);
        Pair(name[..(key.Length + 5)], label);
    }

    /// <inheritdoc/>
    protected override void WriteKey(ReadOnlySpan<byte> key)
    {
        if (!_first)
        {
            Output.Write(" "u8);
        }

        _first = false;
        Output.Write(key);
        Output.Write("="u8);
    }

    /// <inheritdoc/>
    protected override bool WriteValue(ReadOnlySpan<char> text, int maxBytes)
    {
        ReadOnlySpan<char> kept = Utf8Cut.ToBytes(text, maxBytes);
        bool exact = kept.Length == text.Length && text[0] != ' ' && text[^1] != ' '; // receivers trim blanks at the ends
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
            byte escaped = c switch { '\\' => (byte)'\\', '=' => (byte)'=', '\n' => (byte)'n', '\r' => (byte)'r', _ => 0 };
            if (escaped != 0)
            {
                target[written++] = (byte)'\\';
                target[written++] = escaped;
            }
            else
            {
                bool control = c is (< ' ' and not '\t') or '\u007f'; // no escape for these, and some receivers end the line there
                target[written++] = control ? (byte)' ' : (byte)c;
                exact &= !control;
            }
        }

        Output.Advance(written);
        return exact;
    }

    /// <inheritdoc/>
    protected override void WriteValue(ReadOnlySpan<byte> utf8)
    {
        Span<byte> target = Output.GetSpan(utf8.Length * 2);
        int written = 0;
        foreach (byte b in utf8)
        {
            if (b is (byte)'\\' or (byte)'=')
            {
                target[written++] = (byte)'\\';
            }

            target[written++] = b < 0x20 ? (byte)' ' : b;
        }

        Output.Advance(written);
    }

    /// <summary>A header field: backslash and pipe are escaped, line ends and other control characters cannot stand there.</summary>
    private void WriteHead(ReadOnlySpan<char> text)
    {
        Span<byte> target = Output.GetSpan(text.Length * 3);
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
            if (c is '\\' or '|')
            {
                target[written++] = (byte)'\\';
            }

            target[written++] = c is < ' ' or '\u007f' ? (byte)' ' : (byte)c;
        }

        Output.Advance(written);
    }
}
