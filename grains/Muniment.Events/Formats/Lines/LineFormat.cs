using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Muniment.Events.Canonical;
using Muniment.Events.Formats.Meaning;
using Muniment.Events.Formats.Residue;

namespace Muniment.Events.Formats.Lines;

/// <summary>
/// A format of key and value pairs on one line. A value that cannot stand there exactly (too long, a character that the format has no escape for) is written as well as it
/// can and not ticked off, so that the exact value is in the JSON of the last pair, which holds everything without a key of its own. That JSON is cut at
/// <see cref="MaxRestBytes"/>; then its whole length and SHA-256 stand beside it, so that a cut is never silent.
/// </summary>
internal abstract class LineFormat : IEventFormat
{
    /// <summary>Longest rest: with it a line stays under what syslog receivers take by default (rsyslog 8 KiB for a whole message is the lowest; 64 KiB is usual).</summary>
    public const int MaxRestBytes = 6144;

    private readonly ArrayBufferWriter<byte> _rest = new(1024);
    private readonly SummaryText _summary = new();
    private Utf8JsonWriter? _json;
    private LeafSet _mapped;

    /// <inheritdoc/>
    public abstract string Name { get; }

    /// <inheritdoc/>
    public string ContentType => "text/plain; charset=utf-8";

    /// <inheritdoc/>
    public bool IsJson => false;

    /// <summary>The event being written.</summary>
    protected CanonicalEvent Event { get; private set; } = null!;

    /// <summary>What it means.</summary>
    protected EventMeaning Meaning { get; private set; }

    /// <summary>Where it goes.</summary>
    protected IBufferWriter<byte> Output { get; private set; } = null!;

    /// <inheritdoc/>
    public void Write(CanonicalEvent value, in EventMarks marks, IBufferWriter<byte> output)
    {
        Event = value;
        Output = output;
        Meaning = EventMeaning.Of(value);
        _mapped = default;
        WriteHeader();
        WriteFields();
        WriteMarks(marks);
        WriteRest(marks);
    }

    /// <summary>Writes what stands before the pairs.</summary>
    protected abstract void WriteHeader();

    /// <summary>Writes the pairs that the format has keys for.</summary>
    protected abstract void WriteFields();

    /// <summary>Writes key and delimiters of a pair.</summary>
    protected abstract void WriteKey(ReadOnlySpan<byte> key);

    /// <summary>Writes text in the value's escaping, at most <paramref name="maxBytes"/> of it before escaping; false when it does not stand there exactly.</summary>
    protected abstract bool WriteValue(ReadOnlySpan<char> text, int maxBytes);

    /// <summary>The same for UTF-8 that holds no control characters.</summary>
    protected abstract void WriteValue(ReadOnlySpan<byte> utf8);

    /// <summary>A pair; ticked off when it is exact. Nothing for null and for an empty text.</summary>
    protected void Pair(ReadOnlySpan<byte> key, string? value, EventLeaf leaf, int maxBytes)
    {
        if (!string.IsNullOrEmpty(value))
        {
            WriteKey(key);
            if (WriteValue(value, maxBytes))
            {
                Tick(leaf);
            }
        }
    }

    /// <summary>A pair whose value stands elsewhere too, or is none of the event's own.</summary>
    protected void Pair(ReadOnlySpan<byte> key, ReadOnlySpan<char> value, int maxBytes)
    {
        if (!value.IsEmpty)
        {
            WriteKey(key);
            WriteValue(value, maxBytes);
        }
    }

    /// <summary>A pair of a fixed word.</summary>
    protected void Pair(ReadOnlySpan<byte> key, ReadOnlySpan<byte> word)
    {
        WriteKey(key);
        WriteValue(word);
    }

    /// <summary>A pair of a number.</summary>
    protected void Pair(ReadOnlySpan<byte> key, long number)
    {
        Span<byte> digits = stackalloc byte[20];
        number.TryFormat(digits, out int length, provider: System.Globalization.CultureInfo.InvariantCulture);
        Pair(key, digits[..length]);
    }

    /// <summary>Ticks off a value.</summary>
    protected void Tick(EventLeaf leaf) => _mapped = _mapped.With(leaf);

    /// <summary>The sentence for people.</summary>
    protected ReadOnlySpan<char> Summary() => _summary.Of(Event);

    private void WriteMarks(in EventMarks marks)
    {
        if (marks.Of is not { } destination)
        {
            return;
        }

        Pair("munimentOrigin"u8, destination.Origin, 1023);
        Pair("munimentDestination"u8, destination.DestinationUtf8);
        Pair("munimentSeq"u8, marks.Seq);
        if (!marks.Leaf.IsEmpty)
        {
            Span<byte> hex = stackalloc byte[64];
            Convert.TryToHexStringLower(marks.Leaf.Span, hex, out int written);
            Pair("munimentLeaf"u8, hex[..written]);
        }

        Pair("munimentEpoch"u8, marks.Epoch);
        Pair("munimentN"u8, marks.N);
    }

    private void WriteRest(in EventMarks marks)
    {
        if (!marks.IsNone)
        {
            Tick(EventLeaf.Seq);
        }

        _rest.ResetWrittenCount();
        if (_json is null)
        {
            _json = new Utf8JsonWriter(_rest, JsonText.Compact);
        }
        else
        {
            _json.Reset(_rest);
        }

        _json.WriteStartObject();
        ResidueWriter.Write(Event, _mapped, _json);
        _json.WriteEndObject();
        _json.Flush();
        ReadOnlySpan<byte> rest = _rest.WrittenSpan;
        if (rest.Length <= MaxRestBytes)
        {
            WriteKey("munimentEvent"u8);
            WriteValue(rest);
            return;
        }

        int end = MaxRestBytes;
        while (end > 0 && (rest[end] & 0xC0) == 0x80)
        {
            end--; // never half a character
        }

        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(rest, hash);
        Span<byte> hashHex = stackalloc byte[64];
        Convert.TryToHexStringLower(hash, hashHex, out _);
        Pair("munimentEventBytes"u8, rest.Length);
        Pair("munimentEventSha256"u8, hashHex);
        WriteKey("munimentEvent"u8);
        WriteValue(rest[..end]);
    }

    /// <summary>Encodes one character that is not ASCII at the beginning of <paramref name="text"/>; half a character becomes U+FFFD.</summary>
    protected static int EncodeRune(ReadOnlySpan<char> text, Span<byte> target, out int written)
    {
        Rune.DecodeFromUtf16(text, out Rune rune, out int consumed);
        written = rune.EncodeToUtf8(target);
        return consumed;
    }
}
