using System.Buffers;
using System.Buffers.Text;
using Muniment.Delivery.Batches;

namespace Muniment.Delivery.Kinds;

/// <summary>
/// For destinations that take only times near to now and lose others after a 2xx: an object that begins with <c>timestamp</c> in milliseconds goes without that member when its
/// time is outside, so that the destination uses the time of arrival. Its own time stands elsewhere in it. A retry across the edge therefore differs in that one member.
/// </summary>
internal sealed class TimeWindow(TimeSpan oldest, TimeSpan newest)
{
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(5); // what a request and its retries may take

    private static ReadOnlySpan<byte> Head => "{\"timestamp\":"u8;

    /// <summary>Opens the object with its first member.</summary>
    public static void Open(long timeNs, IBufferWriter<byte> output)
    {
        output.Write(Head);
        Marks.WriteNumber(Math.Max(0, timeNs / 1_000_000), output);
        output.Write(","u8);
    }

    /// <summary>How many of the slice's times are outside.</summary>
    public int CountOutside(BatchSlice slice, DateTimeOffset now) => Enumerable.Range(0, slice.Count).Count(i => !IsWithin(slice.BytesOf(i).Span, now, out _));

    /// <summary>The array, see <see cref="JsonArrayBody"/>.</summary>
    public ReadOnlyMemory<byte> ArrayOf(BatchSlice slice, DateTimeOffset now)
    {
        if (CountOutside(slice, now) == 0)
        {
            return JsonArrayBody.Of(slice);
        }

        ArrayBufferWriter<byte> body = new(1 << 16);
        body.Write("["u8);
        for (int i = 0; i < slice.Count; i++)
        {
            ReadOnlySpan<byte> element = slice.BytesOf(i).Span;
            if (IsWithin(element, now, out ReadOnlySpan<byte> rest))
            {
                body.Write(element);
            }
            else
            {
                body.Write("{"u8);
                body.Write(rest);
            }
        }

        byte[] bytes = body.WrittenSpan.ToArray();
        bytes[^1] = (byte)']'; // in the place of the last comma
        return bytes;
    }

    private bool IsWithin(ReadOnlySpan<byte> element, DateTimeOffset now, out ReadOnlySpan<byte> rest)
    {
        Utf8Parser.TryParse(element[Head.Length..], out long milliseconds, out int digits);
        rest = element[(Head.Length + digits + 1)..];
        double age = (now - DateTimeOffset.UnixEpoch).TotalMilliseconds - milliseconds;
        return age <= (oldest - Margin).TotalMilliseconds && age >= -(newest - Margin).TotalMilliseconds;
    }
}
