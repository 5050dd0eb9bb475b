using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Muniment.Delivery.Batches;

namespace Muniment.Delivery.Kinds;

/// <summary>The members <c>muniment.{origin,seq,leaf,destination,epoch,n}</c> that let a receiver find gaps and prove an event, as JSON text.</summary>
public sealed class Marks
{
    private readonly byte[] _dottedHead;
    private readonly byte[] _nestedHead;
    private readonly byte[] _destination;

    /// <summary>For one log and destination.</summary>
    public Marks(string origin, string destination)
    {
        string quoted = JsonSerializer.Serialize(origin);
        _dottedHead = Encoding.UTF8.GetBytes($"\"muniment.origin\":{quoted},\"muniment.destination\":{JsonSerializer.Serialize(destination)},\"muniment.seq\":");
        _nestedHead = Encoding.UTF8.GetBytes($"\"origin\":{quoted},\"destination\":");
        _destination = Encoding.UTF8.GetBytes(JsonSerializer.Serialize(destination) + ",\"seq\":");
    }

    /// <summary>Members with dotted names, without braces.</summary>
    public void WriteDotted(in OutgoingEvent value, IBufferWriter<byte> output)
    {
        output.Write(_dottedHead);
        WriteNumber(value.Stored.Seq, output);
        if (!value.Leaf.IsEmpty)
        {
            output.Write(",\"muniment.leaf\":\""u8);
            WriteHex(value.Leaf.Span, output);
            output.Write("\""u8);
        }

        output.Write(",\"muniment.epoch\":"u8);
        WriteNumber(value.Epoch, output);
        output.Write(",\"muniment.n\":"u8);
        WriteNumber(value.N, output);
    }

    /// <summary>The same as members of an object <c>muniment</c>, without its braces.</summary>
    public void WriteNested(in OutgoingEvent value, IBufferWriter<byte> output)
    {
        output.Write(_nestedHead);
        output.Write(_destination);
        WriteNumber(value.Stored.Seq, output);
        if (!value.Leaf.IsEmpty)
        {
            output.Write(",\"leaf\":\""u8);
            WriteHex(value.Leaf.Span, output);
            output.Write("\""u8);
        }

        output.Write(",\"epoch\":"u8);
        WriteNumber(value.Epoch, output);
        output.Write(",\"n\":"u8);
        WriteNumber(value.N, output);
    }

    internal static void WriteNumber(long value, IBufferWriter<byte> output)
    {
        Span<byte> span = output.GetSpan(20);
        Utf8Formatter.TryFormat(value, span, out int written);
        output.Advance(written);
    }

    internal static void WriteHex(ReadOnlySpan<byte> bytes, IBufferWriter<byte> output)
    {
        Span<byte> span = output.GetSpan(bytes.Length * 2);
        Convert.TryToHexStringLower(bytes, span, out int written);
        output.Advance(written);
    }
}
