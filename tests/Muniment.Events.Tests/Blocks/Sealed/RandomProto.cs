namespace Muniment.Events.Tests.Blocks.Sealed;

/// <summary>Random protobuf: right OTLP, unknown fields, numbers written longer than needed, keys after values, repeated keys, groups, doubles of every sort.</summary>
internal static class RandomProto
{
    public static byte[] Record(Random random, EntryKind kind)
    {
        var bytes = new List<byte>();
        int fields = random.Next(20);
        for (int i = 0; i < fields; i++)
        {
            switch (random.Next(12))
            {
                case < 6:
                    Message(bytes, random, kind == EntryKind.Span ? 9 : kind == EntryKind.Log ? 6 : 12, Attribute(random, 0));
                    break;
                case 6:
                    Message(bytes, random, kind == EntryKind.Metric ? random.Next(5, 12) : random.Next(1, 16), Points(random));
                    break;
                case 7:
                    Varint(bytes, (ulong)(random.Next(1, 30) << 3), 0);
                    Varint(bytes, (ulong)random.NextInt64() >> random.Next(64), random.Next(20) == 0 ? 1 : 0);
                    break;
                case 8:
                    Varint(bytes, (ulong)((random.Next(1, 30) << 3) | 1), 0);
                    bytes.AddRange(BitConverter.GetBytes(random.Next(3) switch { 0 => Math.Round(random.NextDouble() * 100, 2), 1 => random.NextDouble(), _ => BitConverter.Int64BitsToDouble(random.NextInt64()) }));
                    break;
                case 9:
                    Varint(bytes, (ulong)((random.Next(1, 30) << 3) | 5), 0);
                    bytes.AddRange(BitConverter.GetBytes(random.Next()));
                    break;
                case 10:
                    Message(bytes, random, random.Next(1, 40), Bytes(random, random.Next(40)));
                    break;
                default:
                    if (random.Next(10) == 0)
                    {
                        Varint(bytes, (ulong)((random.Next(1, 30) << 3) | random.Next(8)), random.Next(2));
                    }

                    break;
            }
        }

        return [.. bytes];
    }

    private static byte[] Attribute(Random random, int depth)
    {
        string[] keys = ["a", "session.id", "gen_ai.tool.name", "k" + random.Next(5), "x" + random.Next(1000)];
        var key = new List<byte>();
        Message(key, random, 1, System.Text.Encoding.UTF8.GetBytes(keys[random.Next(keys.Length)]));
        var value = new List<byte>();
        Message(value, random, 2, Any(random, depth));
        return random.Next(5) == 0 ? [.. value, .. key] : [.. key, .. value, .. random.Next(9) == 0 ? value : []];
    }

    private static byte[] Any(Random random, int depth)
    {
        var bytes = new List<byte>();
        switch (random.Next(depth > 3 ? 4 : 7))
        {
            case 0:
                Message(bytes, random, 1, Bytes(random, random.Next(30)));
                break;
            case 1:
                Message(bytes, random, 1, System.Text.Encoding.UTF8.GetBytes(random.Next(3) == 0 ? new Guid(Bytes(random, 16)).ToString() : random.Next(1000).ToString(null, null)));
                break;
            case 2:
                Varint(bytes, 3 << 3, 0);
                Varint(bytes, (ulong)random.NextInt64(-5, 5), 0);
                break;
            case 3:
                Varint(bytes, (4 << 3) | 1, 0);
                bytes.AddRange(BitConverter.GetBytes(random.Next(1000) / 8.0));
                break;
            case 4:
                Message(bytes, random, 6, [.. Enumerable.Range(0, random.Next(4)).SelectMany(_ => Wrapped(random, 1, Attribute(random, depth + 1)))]);
                break;
            case 5:
                Message(bytes, random, 5, [.. Enumerable.Range(0, random.Next(4)).SelectMany(_ => Wrapped(random, 1, Any(random, depth + 1)))]);
                break;
            default:
                break;
        }

        return [.. bytes];
    }

    private static byte[] Points(Random random) => [.. Enumerable.Range(0, random.Next(4)).SelectMany(_ => Wrapped(random, 1, [.. Wrapped(random, 7, Attribute(random, 2)), .. Wrapped(random, 9, Attribute(random, 2))]))];

    private static byte[] Wrapped(Random random, int field, byte[] content)
    {
        var bytes = new List<byte>();
        Message(bytes, random, field, content);
        return [.. bytes];
    }

    private static void Message(List<byte> bytes, Random random, int field, byte[] content)
    {
        Varint(bytes, (ulong)((field << 3) | 2), 0);
        Varint(bytes, (ulong)content.Length, random.Next(60) == 0 ? 2 : 0);
        bytes.AddRange(content);
    }

    private static void Varint(List<byte> bytes, ulong value, int extra)
    {
        for (; value >= 0x80; value >>= 7)
        {
            bytes.Add((byte)(value | 0x80));
        }

        bytes.Add((byte)(value | (extra > 0 ? 0x80u : 0)));
        for (; extra > 0; extra--)
        {
            bytes.Add((byte)(extra > 1 ? 0x80 : 0));
        }
    }

    private static byte[] Bytes(Random random, int length)
    {
        byte[] bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }
}
