using System.Buffers;
using System.Text.Json;
using Muniment.Events.Otlp.Wire;

namespace Muniment.Events.Otlp.Json;

/// <summary>
/// Writes attribute values as plain JSON: strings, numbers, booleans, arrays, objects; bytes as base64; empty as null; NaN and infinities as the strings of
/// OTLP/JSON. Of equal keys in one list the last one counts (the raw record keeps all).
/// </summary>
internal static class OtlpValueJson
{
    /// <summary>Lists up to this long are compared pairwise; longer ones first through a small filter.</summary>
    private const int FilterBits = 2048;

    private const int OnStack = 32;

    /// <summary>Writes the <c>KeyValue</c>s in field <paramref name="number"/> of a message as one object.</summary>
    public static void WriteAttributes(Utf8JsonWriter json, ReadOnlySpan<byte> message, int number)
    {
        json.WriteStartObject();
        WriteMembers(json, message, number);
        json.WriteEndObject();
    }

    public static void WriteMembers(Utf8JsonWriter json, ReadOnlySpan<byte> message, int number)
    {
        Span<ByteRange> few = stackalloc ByteRange[2 * OnStack];
        ByteRange[]? rented = null;
        int count = CountOf(message, number);
        Span<ByteRange> pairs = count <= OnStack ? few : rented = ArrayPool<ByteRange>.Shared.Rent(2 * count);
        Collect(message, number, pairs);
        pairs = pairs[..(2 * count)];
        bool repeated = HasRepeatedKey(message, pairs);
        for (int i = 0; i < pairs.Length; i += 2)
        {
            ReadOnlySpan<byte> key = pairs[i].Of(message);
            if (repeated && OccursLater(message, pairs[(i + 2)..], key))
            {
                continue;
            }

            json.WritePropertyName(key);
            WriteValue(json, pairs[i + 1].Of(message));
        }

        if (rented is not null)
        {
            ArrayPool<ByteRange>.Shared.Return(rented);
        }
    }

    /// <summary>Writes those <c>KeyValue</c>s whose key occurs again later in the list, as <c>[{"key","value"}]</c>; nothing when there are none.</summary>
    public static void WriteRepeated(Utf8JsonWriter json, ReadOnlySpan<byte> property, ReadOnlySpan<byte> message, int number)
    {
        int count = CountOf(message, number);
        if (count < 2)
        {
            return;
        }

        ByteRange[] rented = ArrayPool<ByteRange>.Shared.Rent(2 * count);
        Span<ByteRange> pairs = rented.AsSpan(0, 2 * count);
        Collect(message, number, pairs);
        if (HasRepeatedKey(message, pairs))
        {
            json.WriteStartArray(property);
            for (int i = 0; i < pairs.Length; i += 2)
            {
                if (OccursLater(message, pairs[(i + 2)..], pairs[i].Of(message)))
                {
                    json.WriteStartObject();
                    json.WriteString("key"u8, pairs[i].Of(message));
                    json.WritePropertyName("value"u8);
                    WriteValue(json, pairs[i + 1].Of(message));
                    json.WriteEndObject();
                }
            }

            json.WriteEndArray();
        }

        ArrayPool<ByteRange>.Shared.Return(rented);
    }

    public static void WriteValue(Utf8JsonWriter json, ReadOnlySpan<byte> anyValue)
    {
        AnyValueView value = AnyValueView.Read(anyValue);
        switch (value.Kind)
        {
            case AnyKind.String:
                json.WriteStringValue(value.Bytes);
                break;
            case AnyKind.Bool:
                json.WriteBooleanValue(value.Bool);
                break;
            case AnyKind.Int:
                json.WriteNumberValue(value.Int);
                break;
            case AnyKind.Double:
                WriteDouble(json, value.Double);
                break;
            case AnyKind.Bytes:
                json.WriteBase64StringValue(value.Bytes);
                break;
            case AnyKind.KeyValueList:
                WriteAttributes(json, value.Bytes, 1);
                break;
            case AnyKind.Array:
                json.WriteStartArray();
                var cursor = new ProtoCursor(value.Bytes);
                while (!cursor.AtEnd && cursor.TryReadTag(out uint tag))
                {
                    if (tag != ((1 << 3) | ProtoCursor.Len))
                    {
                        cursor.TrySkip(tag);
                    }
                    else if (cursor.TryReadBytes(out ReadOnlySpan<byte> element))
                    {
                        WriteValue(json, element);
                    }
                }

                json.WriteEndArray();
                break;
            default:
                json.WriteNullValue();
                break;
        }
    }

    public static void WriteDouble(Utf8JsonWriter json, double value)
    {
        if (double.IsFinite(value))
        {
            json.WriteNumberValue(value);
        }
        else
        {
            json.WriteStringValue(double.IsNaN(value) ? "NaN"u8 : value > 0 ? "Infinity"u8 : "-Infinity"u8);
        }
    }

    private static int CountOf(ReadOnlySpan<byte> message, int number)
    {
        uint wanted = ((uint)number << 3) | ProtoCursor.Len;
        int count = 0;
        var cursor = new ProtoCursor(message);
        while (!cursor.AtEnd && cursor.TryReadTag(out uint tag) && cursor.TrySkip(tag))
        {
            count += tag == wanted ? 1 : 0;
        }

        return count;
    }

    private static void Collect(ReadOnlySpan<byte> message, int number, Span<ByteRange> pairs)
    {
        uint wanted = ((uint)number << 3) | ProtoCursor.Len;
        int next = 0;
        var cursor = new ProtoCursor(message);
        while (!cursor.AtEnd && cursor.TryReadTag(out uint tag))
        {
            if (tag != wanted)
            {
                if (!cursor.TrySkip(tag))
                {
                    return;
                }

                continue;
            }

            if (!cursor.TryReadLength(out int start, out int length))
            {
                return;
            }

            pairs[next] = pairs[next + 1] = new ByteRange(start, 0);
            var pair = new ProtoCursor(message, start, start + length);
            while (!pair.AtEnd && pair.TryReadTag(out uint inner))
            {
                if (inner is ((1 << 3) | ProtoCursor.Len) or ((2 << 3) | ProtoCursor.Len))
                {
                    if (pair.TryReadLength(out int at, out int size))
                    {
                        pairs[next + (int)(inner >> 3) - 1] = new ByteRange(at, size);
                    }
                }
                else if (!pair.TrySkip(inner))
                {
                    break;
                }
            }

            next += 2;
        }
    }

    private static bool HasRepeatedKey(ReadOnlySpan<byte> message, ReadOnlySpan<ByteRange> pairs)
    {
        Span<ulong> seen = stackalloc ulong[FilterBits / 64];
        seen.Clear();
        for (int i = 0; i < pairs.Length; i += 2)
        {
            ReadOnlySpan<byte> key = pairs[i].Of(message);
            uint hash = (uint)key.Length * 0x9e3779b1;
            foreach (byte b in key)
            {
                hash = (hash ^ b) * 0x01000193;
            }

            hash = (hash ^ (hash >> 16)) % FilterBits;
            ulong bit = 1UL << (int)(hash & 63);
            if ((seen[(int)(hash >> 6)] & bit) != 0 && OccursLater(message, pairs[..i], key))
            {
                return true;
            }

            seen[(int)(hash >> 6)] |= bit;
        }

        return false;
    }

    private static bool OccursLater(ReadOnlySpan<byte> message, ReadOnlySpan<ByteRange> pairs, ReadOnlySpan<byte> key)
    {
        for (int i = 0; i < pairs.Length; i += 2)
        {
            if (pairs[i].Length == key.Length && pairs[i].Of(message).SequenceEqual(key))
            {
                return true;
            }
        }

        return false;
    }
}
