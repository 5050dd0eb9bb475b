using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text.Json;
using Muniment.Events.Otlp.Wire;

namespace Muniment.Events.Otlp.Json;

/// <summary>
/// Writes compact JSON into a <see cref="ProtoWriter"/>, escaping only what RFC 8259 demands. Every delivered record goes through it, and it costs a third
/// of <see cref="Utf8JsonWriter"/>, whose members it mirrors; strings must be valid UTF-8 already, and nesting is the caller's care.
/// </summary>
internal sealed class JsonOutput(ProtoWriter target)
{
    private static readonly SearchValues<byte> Escaped = SearchValues.Create([.. Enumerable.Range(0, 0x20).Select(c => (byte)c), (byte)'"', (byte)'\\']);

    private bool _comma;

    public ReadOnlySpan<byte> Written => target.Written;

    public void Clear()
    {
        target.Clear();
        _comma = false;
    }

    public void WriteStartObject() => Open((byte)'{');

    public void WriteStartObject(ReadOnlySpan<byte> name)
    {
        WritePropertyName(name);
        Open((byte)'{');
    }

    public void WriteEndObject() => Close((byte)'}');

    public void WriteStartArray() => Open((byte)'[');

    public void WriteStartArray(ReadOnlySpan<byte> name)
    {
        WritePropertyName(name);
        Open((byte)'[');
    }

    public void WriteEndArray() => Close((byte)']');

    public void WritePropertyName(JsonEncodedText name)
    {
        ReadOnlySpan<byte> text = name.EncodedUtf8Bytes;
        Span<byte> room = Separate(text.Length + 4);
        room[0] = (byte)'"';
        text.CopyTo(room[1..]);
        room[text.Length + 1] = (byte)'"';
        room[text.Length + 2] = (byte)':';
        target.Advance(text.Length + 3);
        _comma = false;
    }

    public void WritePropertyName(ReadOnlySpan<byte> name)
    {
        WriteStringValue(name);
        target.Need(1)[0] = (byte)':';
        target.Advance(1);
        _comma = false;
    }

    public void WriteString(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        WritePropertyName(name);
        WriteStringValue(value);
    }

    public void WriteStringValue(ReadOnlySpan<byte> text)
    {
        if (text.IndexOfAny(Escaped) >= 0)
        {
            WriteEscaped(text);
            return;
        }

        Span<byte> room = Separate(text.Length + 3);
        room[0] = (byte)'"';
        text.CopyTo(room[1..]);
        room[text.Length + 1] = (byte)'"';
        target.Advance(text.Length + 2);
    }

    public void WriteNumberValue(long value)
    {
        Utf8Formatter.TryFormat(value, Separate(AnyValueView.ScratchBytes), out int written);
        target.Advance(written);
    }

    public void WriteNumberValue(ulong value)
    {
        Utf8Formatter.TryFormat(value, Separate(AnyValueView.ScratchBytes), out int written);
        target.Advance(written);
    }

    public void WriteNumberValue(double value)
    {
        value.TryFormat(Separate(AnyValueView.ScratchBytes), out int written, "R", CultureInfo.InvariantCulture);
        target.Advance(written);
    }

    public void WriteBooleanValue(bool value) => WriteWord(value ? "true"u8 : "false"u8);

    public void WriteNullValue() => WriteWord("null"u8);

    public void WriteBase64StringValue(ReadOnlySpan<byte> bytes)
    {
        Span<byte> room = Separate(Base64.GetMaxEncodedToUtf8Length(bytes.Length) + 3);
        room[0] = (byte)'"';
        Base64.EncodeToUtf8(bytes, room[1..], out _, out int written);
        room[written + 1] = (byte)'"';
        target.Advance(written + 2);
    }

    public void WriteHexStringValue(ReadOnlySpan<byte> bytes)
    {
        Span<byte> room = Separate((2 * bytes.Length) + 3);
        room[0] = (byte)'"';
        Convert.TryToHexStringLower(bytes, room[1..], out int written);
        room[written + 1] = (byte)'"';
        target.Advance(written + 2);
    }

    /// <summary>Free room for that many bytes, after the comma that is due.</summary>
    private Span<byte> Separate(int size)
    {
        Span<byte> room = target.Need(size + 1);
        if (_comma)
        {
            room[0] = (byte)',';
            target.Advance(1);
            room = room[1..];
        }

        _comma = true;
        return room;
    }

    private void Open(byte bracket)
    {
        Separate(1)[0] = bracket;
        target.Advance(1);
        _comma = false;
    }

    private void Close(byte bracket)
    {
        target.Need(1)[0] = bracket;
        target.Advance(1);
        _comma = true;
    }

    private void WriteWord(ReadOnlySpan<byte> word)
    {
        word.CopyTo(Separate(word.Length));
        target.Advance(word.Length);
    }

    private void WriteEscaped(ReadOnlySpan<byte> text)
    {
        const int MaxEscapeBytes = 6;
        Span<byte> room = Separate((text.Length * MaxEscapeBytes) + 2);
        int at = 0;
        room[at++] = (byte)'"';
        foreach (byte c in text)
        {
            if (c is >= 0x20 and not ((byte)'"' or (byte)'\\'))
            {
                room[at++] = c;
                continue;
            }

            room[at++] = (byte)'\\';
            byte letter = c switch
            {
                (byte)'\n' => (byte)'n',
                (byte)'\r' => (byte)'r',
                (byte)'\t' => (byte)'t',
                0x08 => (byte)'b',
                0x0c => (byte)'f',
                (byte)'"' or (byte)'\\' => c,
                _ => (byte)'u',
            };
            room[at++] = letter;
            if (letter == 'u')
            {
                Utf8Formatter.TryFormat(c, room[at..], out int written, new StandardFormat('x', 4));
                at += written;
            }
        }

        room[at++] = (byte)'"';
        target.Advance(at);
    }
}
