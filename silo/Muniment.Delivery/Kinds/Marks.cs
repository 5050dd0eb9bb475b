using System.Buffers;
using System.Buffers.Text;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Muniment.Delivery.Batches;

namespace Muniment.Delivery.Kinds;

/// <summary>The members <c>muniment.{origin,seq,leaf,destination,epoch,n}</c> as JSON text beside an event, for envelopes that have a place of their own for such members.</summary>
public sealed class Marks
{
    private const int MaxNumbersSizeBytes = 128; // three numbers and the names around them
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
        Span<byte> span = output.GetSpan(MaxSizeBytes(value));
        output.Advance(WriteDotted(value, span));
    }

    /// <summary>Most bytes that <see cref="WriteDotted(in OutgoingEvent, Span{byte})"/> takes.</summary>
    public int MaxSizeBytes(in OutgoingEvent value) => _dottedHead.Length + (2 * value.Leaf.Length) + MaxNumbersSizeBytes;

    /// <summary>The same into room that is there; returns how many bytes it took.</summary>
    public int WriteDotted(in OutgoingEvent value, Span<byte> span)
    {
        ReadOnlySpan<byte> leaf = value.Leaf.Span;
        _dottedHead.CopyTo(span);
        int at = _dottedHead.Length;
        Put(value.Stored.Seq, span, ref at);
        if (!leaf.IsEmpty)
        {
            Put(",\"muniment.leaf\":\""u8, span, ref at);
            Convert.TryToHexStringLower(leaf, span[at..], out int written);
            at += written;
            span[at++] = (byte)'"';
        }

        Put(",\"muniment.epoch\":"u8, span, ref at);
        Put(value.Epoch, span, ref at);
        Put(",\"muniment.n\":"u8, span, ref at);
        Put(value.N, span, ref at);
        return at;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)] // a copy of a constant length is a few moves then
    private static void Put(ReadOnlySpan<byte> text, Span<byte> span, ref int at)
    {
        text.CopyTo(span[at..]);
        at += text.Length;
    }

    private static void Put(long number, Span<byte> span, ref int at)
    {
        Utf8Formatter.TryFormat(number, span[at..], out int written);
        at += written;
    }

    internal static void WriteNumber(long value, IBufferWriter<byte> output)
    {
        Span<byte> span = output.GetSpan(20);
        Utf8Formatter.TryFormat(value, span, out int written);
        output.Advance(written);
    }
}
