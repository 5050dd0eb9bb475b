using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Muniment.Delivery.Batches;

namespace Muniment.Delivery.Kinds;

/// <summary>The members <c>muniment.{origin,seq,leaf,destination,epoch,n}</c> as JSON text beside an event, for envelopes that have a place of their own for such members.</summary>
public sealed class Marks
{
    private readonly byte[] _dottedHead;

    /// <summary>For one log and destination.</summary>
    public Marks(string origin, string destination)
    {
        _dottedHead = Encoding.UTF8.GetBytes(
            $"\"muniment.origin\":{JsonSerializer.Serialize(origin)},\"muniment.destination\":{JsonSerializer.Serialize(destination)},\"muniment.seq\":");
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
