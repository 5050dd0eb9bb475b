using Muniment.Delivery.Batches;
using Muniment.Delivery.Kinds.OtlpHttp;

namespace Muniment.Delivery.Tests.Kinds.OtlpHttp;

public class OtlpItemTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(300)]
    public void Neighbours_share_resource_and_scope_and_every_record_is_there_in_order(int count)
    {
        Random random = new(count);
        using BatchBuffer buffer = new();
        BatchItems items = new();
        List<(byte[] Resource, byte[] Scope, byte[] Record)> records = [];
        for (int i = 0; i < count; i++)
        {
            (byte[] resource, byte[] scope) = (Field(1, random.Next(3) * 90), Field(1, random.Next(2) * 70));
            byte[] record = Field(5, random.Next(4) == 0 ? random.Next(40_000) : random.Next(200));
            int start = buffer.Length;
            OtlpItem.WriteHead(resource, scope, buffer);
            System.Buffers.BuffersExtensions.Write(buffer, record);
            byte group = (byte)(i % 5 == 4 ? OtlpItem.Traces : OtlpItem.Logs);
            items.Add(new BatchItem(i, i, "id", start, buffer.Length - start, group));
            if (group == OtlpItem.Logs)
            {
                records.Add((resource, scope, record));
            }
        }

        using Batch batch = new(buffer) { First = 0, Last = count - 1, Items = items, LeftOut = default, Digest = default, Full = false };
        List<(byte[] Resource, byte[] Scope, byte[] Record)> read = [];
        int resources = 0;
        foreach ((int field, byte[] resourceLogs) in Fields(OtlpItem.Compose(new BatchSlice(batch, OtlpItem.Logs, 0, count)).ToArray()))
        {
            Assert.Equal(1, field);
            resources++;
            List<(int Field, byte[] Content)> inside = Fields(resourceLogs);
            byte[] resource = [.. inside.Where(f => f.Field == 1).SelectMany(f => Field(1, f.Content))];
            foreach ((_, byte[] scopeLogs) in inside.Where(f => f.Field == 2))
            {
                List<(int Field, byte[] Content)> parts = Fields(scopeLogs);
                byte[] scope = [.. parts.Where(f => f.Field == 1).SelectMany(f => Field(1, f.Content))];
                read.AddRange(parts.Where(f => f.Field == 2).Select(f => (resource, scope, f.Content)));
            }
        }

        Assert.Equal(records.Select(r => (Convert.ToHexString(r.Resource), Convert.ToHexString(r.Scope), Convert.ToHexString(r.Record))),
            read.Select(r => (Convert.ToHexString(r.Resource), Convert.ToHexString(r.Scope), Convert.ToHexString(r.Record))));
        Assert.Equal(records.Where((r, i) => i == 0 || !r.Resource.SequenceEqual(records[i - 1].Resource)).Count(), resources);
    }

    private static byte[] Field(int field, int length) => Field(field, [.. Enumerable.Repeat((byte)length, length)]);

    private static byte[] Field(int field, byte[] content)
    {
        List<byte> bytes = [(byte)(field << 3 | 2)];
        int left = content.Length;
        for (; left >= 0x80; left >>= 7)
        {
            bytes.Add((byte)(left | 0x80));
        }

        bytes.Add((byte)left);
        return [.. bytes, .. content];
    }

    private static List<(int Field, byte[] Content)> Fields(byte[] message)
    {
        List<(int, byte[])> fields = [];
        for (int at = 0; at < message.Length;)
        {
            int field = message[at++] >> 3;
            int length = 0;
            for (int shift = 0; ; shift += 7)
            {
                byte b = message[at++];
                length |= (b & 0x7f) << shift;
                if (b < 0x80)
                {
                    break;
                }
            }

            fields.Add((field, message[at..(at + length)]));
            at += length;
        }

        return fields;
    }
}
