using System.Text.Unicode;
using Muniment.Events.Otlp.Schema;
using Muniment.Events.Otlp.Wire;

namespace Muniment.Events.Otlp;

/// <summary>Offsets of the mapped attributes of one resource, read once for all its records. The bytes are a <c>ResourceX</c> without scopes.</summary>
internal struct OtlpResourceFields
{
    public AttributeSlots Slots;

    /// <summary>Checks the bytes and finds the attributes; false when they are malformed.</summary>
    public bool TryRead(ReadOnlySpan<byte> group, Validation state)
    {
        Slots.Clear();
        var cursor = new ProtoCursor(group);
        while (!cursor.AtEnd)
        {
            if (!cursor.TryReadTag(out uint tag))
            {
                return false;
            }

            switch (tag >> 3)
            {
                case 1:
                    if (tag != ((1 << 3) | ProtoCursor.Len) || !cursor.TryReadLength(out int start, out int length) || !TryReadResource(group, start, length, state))
                    {
                        return false;
                    }

                    break;
                case 3:
                    if (tag != ((3 << 3) | ProtoCursor.Len) || !cursor.TryReadBytes(out ReadOnlySpan<byte> url) || !Utf8.IsValid(url))
                    {
                        return false;
                    }

                    break;
                default:
                    if (tag >> 3 == 2 || !cursor.TrySkip(tag))
                    {
                        return false;
                    }

                    break;
            }
        }

        return true;
    }

    private bool TryReadResource(ReadOnlySpan<byte> group, int start, int length, Validation state)
    {
        var cursor = new ProtoCursor(group, start, start + length);
        int attributes = 0;
        while (!cursor.AtEnd)
        {
            if (!cursor.TryReadTag(out uint tag))
            {
                return false;
            }

            if (tag == ((1 << 3) | ProtoCursor.Len))
            {
                if (!cursor.TryReadLength(out int at, out int size) || ++attributes > state.Limits.MaxAttributes || !Slots.TryAdd(group, at, size, state))
                {
                    return false;
                }
            }
            else if (!OtlpRecordFields.TryCheckOther(ref cursor, tag, OtlpSchema.Resource, group, state))
            {
                return false;
            }
        }

        return true;
    }
}
