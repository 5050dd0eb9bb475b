using System.Runtime.CompilerServices;
using System.Text.Unicode;
using Muniment.Events.Otlp.Schema;
using Muniment.Events.Otlp.Wire;

namespace Muniment.Events.Otlp;

/// <summary>Where the values of the mapped attributes lie, as offsets into one message; no allocation, no copy.</summary>
internal struct AttributeSlots
{
    private Slots _slots;
    private ulong _present;

    /// <summary>Bit n is set when the attribute <c>(OtlpKey)n</c> is there.</summary>
    public readonly ulong Present => _present;

    public readonly bool Has(OtlpKey key) => (_present & (1UL << (int)key)) != 0;

    public readonly AnyValueView Read(OtlpKey key, ReadOnlySpan<byte> message)
    {
        Slot slot = _slots[(int)key];
        return AnyValueView.Read(message.Slice(slot.Offset, slot.Length));
    }

    /// <summary>The usual case without a decoder: one string of 1 to 127 bytes that fills its value.</summary>
    public readonly bool TryReadShortText(OtlpKey key, ReadOnlySpan<byte> message, out ReadOnlySpan<byte> text)
    {
        Slot slot = _slots[(int)key];
        ReadOnlySpan<byte> value = message.Slice(slot.Offset, slot.Length);
        bool isText = value.Length > 2 && value[0] == 0x0a && value[1] == value.Length - 2 && value[1] < 0x80;
        text = isText ? value[2..] : default;
        return isText;
    }

    public void Clear() => _present = 0;

    /// <summary>
    /// Checks one <c>KeyValue</c> in <c>[start, start + length)</c> and remembers its value if the mapping reads it; of equal keys the last one counts.
    /// </summary>
    public bool TryAdd(ReadOnlySpan<byte> data, int start, int length, Validation state)
    {
        int keyStart = start, keyLength = 0, valueStart = start, valueLength = 0;
        var cursor = new ProtoCursor(data, start, start + length);
        while (!cursor.AtEnd)
        {
            if (!cursor.TryReadTag(out uint tag))
            {
                return false;
            }

            bool read = tag switch
            {
                (1 << 3) | ProtoCursor.Len => cursor.TryReadLength(out keyStart, out keyLength),
                (2 << 3) | ProtoCursor.Len => cursor.TryReadLength(out valueStart, out valueLength) && CheckValue(data, valueStart, valueLength, state),
                _ => tag >> 3 > 2 && cursor.TrySkip(tag),
            };
            if (!read)
            {
                return false;
            }
        }

        ReadOnlySpan<byte> key = data.Slice(keyStart, keyLength);
        if (OtlpKeys.TryFind(key, out OtlpKey known))
        {
            _slots[(int)known] = new Slot(valueStart, valueLength);
            _present |= 1UL << (int)known;
            return true;
        }

        if (!Utf8.IsValid(key))
        {
            return false;
        }

        state.LeakFound |= LeakingAttributes.Contains(key);
        return true;
    }

    private static bool CheckValue(ReadOnlySpan<byte> data, int start, int length, Validation state)
    {
        // One short string that fills its message: nearly every value there is.
        if (length >= 2 && data[start] == 0x0a && data[start + 1] == length - 2 && length - 2 < 0x80)
        {
            return Utf8.IsValid(data.Slice(start + 2, length - 2));
        }

        return OtlpValidator.Check(data, start, start + length, OtlpSchema.AnyValue, 0, state);
    }

    private readonly record struct Slot(int Offset, int Length);

    [InlineArray(OtlpKeys.Count)]
    private struct Slots
    {
        private Slot _first;
    }
}
