using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Muniment.Events.Otlp.Wire;

namespace Muniment.Events.Otlp.Json;

/// <summary>
/// Writes attribute values as plain JSON: strings, numbers, booleans, arrays, objects; bytes as base64; empty as null; NaN and infinities as the strings of
/// OTLP/JSON. Of equal keys in one list the last one counts (the raw record keeps all).
/// </summary>
internal static class OtlpValueJson
{
    /// <summary>Size of the filter through which keys go before they are compared.</summary>
    private const int FilterBits = 1024;

    private const int OnStack = 32;

    /// <summary>
    /// Writes the <c>KeyValue</c>s in field <paramref name="number"/> of a message as one object; true when a key occurs more than once.
    /// </summary>
    [SkipLocalsInit]
    public static bool WriteAttributes(JsonOutput json, ReadOnlySpan<byte> message, int number)
    {
        Span<ByteRange> pairs = stackalloc ByteRange[2 * OnStack];
        ByteRange[]? rented = null;
        int count = Collect(message, number, pairs);
        if (2 * count > pairs.Length)
        {
            pairs = rented = ArrayPool<ByteRange>.Shared.Rent(2 * count);
            Collect(message, number, pairs);
        }

        pairs = pairs[..(2 * count)];
        bool repeated = HasRepeatedKey(message, pairs);
        json.WriteStartObject();
        for (int i = 0; i < pairs.Length; i += 2)
        {
            ReadOnlySpan<byte> key = pairs[i].Of(message);
            if (repeated && OccursIn(message, pairs[(i + 2)..], key))
            {
                continue;
            }

            json.WritePropertyName(key);
            WriteValue(json, pairs[i + 1].Of(message));
        }

        json.WriteEndObject();
        if (rented is not null)
        {
            ArrayPool<ByteRange>.Shared.Return(rented);
        }

        return repeated;
    }

    /// <summary>Writes those <c>KeyValue</c>s whose key occurs again later in the list, as <c>[{"key","value"}]</c>.</summary>
    public static void WriteRepeated(JsonOutput json, ReadOnlySpan<byte> message, int number)
    {
        int count = Collect(message, number, default);
        ByteRange[] rented = ArrayPool<ByteRange>.Shared.Rent(2 * count);
        Span<ByteRange> pairs = rented.AsSpan(0, 2 * count);
        Collect(message, number, pairs);
        json.WriteStartArray();
        for (int i = 0; i < pairs.Length; i += 2)
        {
            if (OccursIn(message, pairs[(i + 2)..], pairs[i].Of(message)))
            {
                json.WriteStartObject();
                json.WriteString("key"u8, pairs[i].Of(message));
                json.WritePropertyName("value"u8);
                WriteValue(json, pairs[i + 1].Of(message));
                json.WriteEndObject();
            }
        }

        json.WriteEndArray();
        ArrayPool<ByteRange>.Shared.Return(rented);
    }

    public static void WriteValue(JsonOutput json, ReadOnlySpan<byte> anyValue)
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

    public static void WriteDouble(JsonOutput json, double value)
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

    /// <summary>Finds keys and values, two ranges each, as far as there is room; returns how many pairs there are.</summary>
    private static int Collect(ReadOnlySpan<byte> message, int number, Span<ByteRange> pairs)
    {
        uint wanted = ((uint)number << 3) | ProtoCursor.Len;
        int count = 0;
        var cursor = new ProtoCursor(message);
        while (!cursor.AtEnd && cursor.TryReadTag(out uint tag))
        {
            if (tag != wanted)
            {
                if (!cursor.TrySkip(tag))
                {
                    break;
                }

                continue;
            }

            if (!cursor.TryReadLength(out int start, out int length))
            {
                break;
            }

            if (2 * count < pairs.Length)
            {
                Split(message, start, length, pairs.Slice(2 * count, 2));
            }

            count++;
        }

        return count;
    }

    private static void Split(ReadOnlySpan<byte> message, int start, int length, Span<ByteRange> pair)
    {
        pair[0] = pair[1] = new ByteRange(start, 0);
        var cursor = new ProtoCursor(message, start, start + length);
        while (!cursor.AtEnd && cursor.TryReadTag(out uint tag))
        {
            if (tag is ((1 << 3) | ProtoCursor.Len) or ((2 << 3) | ProtoCursor.Len))
            {
                if (cursor.TryReadLength(out int at, out int size))
                {
                    pair[(int)(tag >> 3) - 1] = new ByteRange(at, size);
                }
            }
            else if (!cursor.TrySkip(tag))
            {
                break;
            }
        }
    }

    private static bool HasRepeatedKey(ReadOnlySpan<byte> message, ReadOnlySpan<ByteRange> pairs)
    {
        Span<ulong> seen = stackalloc ulong[FilterBits / 64];
        seen.Clear();
        for (int i = 0; i < pairs.Length; i += 2)
        {
            ReadOnlySpan<byte> key = pairs[i].Of(message);
            uint hash = Hash(key) % FilterBits;
            ulong bit = 1UL << (int)(hash & 63);
            if ((seen[(int)(hash >> 6)] & bit) != 0 && OccursIn(message, pairs[..i], key))
            {
                return true;
            }

            seen[(int)(hash >> 6)] |= bit;
        }

        return false;
    }

    /// <summary>Length and last bytes tell the keys of one list apart well enough: equal ones are compared anyway.</summary>
    private static uint Hash(ReadOnlySpan<byte> key)
    {
        ulong tail = 0;
        if (key.Length >= sizeof(ulong))
        {
            tail = BinaryPrimitives.ReadUInt64LittleEndian(key[^sizeof(ulong)..]) ^ BinaryPrimitives.ReadUInt64LittleEndian(key);
        }
        else
        {
            foreach (byte b in key)
            {
                tail = (tail << 8) | b;
            }
        }

        return (uint)(((tail + (ulong)key.Length) * 0x9e3779b97f4a7c15) >> 40);
    }

    private static bool OccursIn(ReadOnlySpan<byte> message, ReadOnlySpan<ByteRange> pairs, ReadOnlySpan<byte> key)
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
