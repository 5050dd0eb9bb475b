using System.Buffers.Binary;
using System.Text;

namespace Muniment.Delivery.Tests.Fakes;

/// <summary>A protobuf reader of the tests' own: a message is a list of (field, value), where a value is a number, eight bytes as a number, or bytes.</summary>
internal sealed class PlainProto
{
    private readonly List<(int Field, object Value)> _fields = [];

    public PlainProto(byte[] bytes)
    {
        int at = 0;
        while (at < bytes.Length)
        {
            ulong tag = Varint();
            object value = (tag & 7) switch
            {
                0 => Varint(),
                1 => Take(8) is var eight ? BinaryPrimitives.ReadUInt64LittleEndian(eight) : 0,
                2 => Take((int)Varint()),
                5 => (ulong)BinaryPrimitives.ReadUInt32LittleEndian(Take(4)),
                _ => throw new InvalidDataException("wire type " + (tag & 7)),
            };
            _fields.Add(((int)(tag >> 3), value));
        }

        ulong Varint()
        {
            ulong value = 0;
            for (int shift = 0; ; shift += 7)
            {
                byte next = bytes[at++];
                value |= (ulong)(next & 127) << shift;
                if (next < 128)
                {
                    return value;
                }
            }
        }

        byte[] Take(int count)
        {
            at += count;
            return bytes[(at - count)..at];
        }
    }

    public IEnumerable<PlainProto> Messages(int field) => _fields.Where(f => f.Field == field).Select(f => new PlainProto((byte[])f.Value));

    public IEnumerable<byte[]> Raw(int field) => _fields.Where(f => f.Field == field).Select(f => (byte[])f.Value);

    public string Text(int field) => Encoding.UTF8.GetString((byte[])_fields.Last(f => f.Field == field).Value);

    public byte[] Bytes(int field) => (byte[])_fields.Last(f => f.Field == field).Value;

    public ulong Number(int field) => (ulong)_fields.Last(f => f.Field == field).Value;

    public bool Has(int field) => _fields.Exists(f => f.Field == field);

    /// <summary>Attributes as text by key.</summary>
    public Dictionary<string, string> Attributes(int field)
    {
        Dictionary<string, string> found = [];
        foreach (PlainProto pair in Messages(field))
        {
            PlainProto value = pair.Messages(2).Single();
            found.Add(pair.Text(1), value.Has(1) ? value.Text(1) : value.Has(3) ? ((long)value.Number(3)).ToString() : value.Has(2) ? (value.Number(2) == 1).ToString() : BitConverter.UInt64BitsToDouble(value.Number(4)).ToString());
        }

        return found;
    }
}
