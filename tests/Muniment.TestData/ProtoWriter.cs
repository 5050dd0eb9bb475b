using System.Buffers.Binary;
using System.Text;

namespace Muniment.TestData;

/// <summary>Just enough protobuf to write OTLP by hand, so that the generator needs no generated code.</summary>
internal sealed class ProtoWriter
{
    private byte[] _bytes = new byte[1024];
    private int _length;

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, _length);

    public void Clear() => _length = 0;

    public byte[] ToArray() => Written.ToArray();

    public void Varint(int field, ulong value)
    {
        Raw((ulong)(field << 3));
        Raw(value);
    }

    public void Fixed64(int field, ulong value)
    {
        Raw((ulong)((field << 3) | 1));
        BinaryPrimitives.WriteUInt64LittleEndian(Room(8), value);
        _length += 8;
    }

    public void Double(int field, double value) => Fixed64(field, BitConverter.DoubleToUInt64Bits(value));

    public void Bytes(int field, ReadOnlySpan<byte> value)
    {
        Raw((ulong)((field << 3) | 2));
        Raw((ulong)value.Length);
        value.CopyTo(Room(value.Length));
        _length += value.Length;
    }

    public void Text(int field, string value) => Bytes(field, Encoding.UTF8.GetBytes(value));

    public void Message(int field, Action<ProtoWriter> write)
    {
        var inner = new ProtoWriter();
        write(inner);
        Bytes(field, inner.Written);
    }

    public void Attribute(int field, string key, string value) => Message(field, a =>
    {
        a.Text(1, key);
        a.Message(2, v => v.Text(1, value));
    });

    public void Attribute(int field, string key, long value) => Message(field, a =>
    {
        a.Text(1, key);
        a.Message(2, v => v.Varint(3, (ulong)value));
    });

    public void Attribute(int field, string key, double value) => Message(field, a =>
    {
        a.Text(1, key);
        a.Message(2, v => v.Double(4, value));
    });

    private void Raw(ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            Room(1)[0] = (byte)(value | 0x80);
            _length++;
        }

        Room(1)[0] = (byte)value;
        _length++;
    }

    private Span<byte> Room(int sizeBytes)
    {
        if (_bytes.Length - _length < sizeBytes)
        {
            Array.Resize(ref _bytes, Math.Max(_length + sizeBytes, 2 * _bytes.Length));
        }

        return _bytes.AsSpan(_length);
    }
}
