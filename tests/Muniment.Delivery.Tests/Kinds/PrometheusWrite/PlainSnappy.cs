namespace Muniment.Delivery.Tests.Kinds.PrometheusWrite;

/// <summary>A reader of Snappy's block format, written from its description; it knows all tags, not only those that the product writes.</summary>
internal static class PlainSnappy
{
    public static byte[] Decompress(byte[] input)
    {
        int at = 0;
        long length = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte next = input[at++];
            length |= (long)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                break;
            }
        }

        List<byte> output = new((int)length);
        while (at < input.Length)
        {
            byte tag = input[at++];
            if ((tag & 3) == 0)
            {
                int size = tag >> 2;
                if (size >= 60)
                {
                    int bytes = size - 59;
                    size = 0;
                    for (int i = 0; i < bytes; i++)
                    {
                        size |= input[at++] << (8 * i);
                    }
                }

                output.AddRange(input.AsSpan(at, size + 1));
                at += size + 1;
                continue;
            }

            (int count, int offset) = (tag & 3) switch
            {
                1 => (((tag >> 2) & 7) + 4, (tag >> 5) << 8 | input[at++]),
                2 => ((tag >> 2) + 1, input[at++] | input[at++] << 8),
                _ => ((tag >> 2) + 1, input[at++] | input[at++] << 8 | input[at++] << 16 | input[at++] << 24),
            };
            if (offset == 0 || offset > output.Count)
            {
                throw new InvalidDataException("snappy: a copy from before the beginning");
            }

            for (int i = 0; i < count; i++)
            {
                output.Add(output[^offset]);
            }
        }

        return output.Count == length ? [.. output] : throw new InvalidDataException($"snappy: {output.Count} bytes of {length}");
    }
}
