using System.Buffers;
using System.Runtime.InteropServices;
using Muniment.Delivery.Batches;
using Muniment.Delivery.Kinds.OtlpHttp;

namespace Muniment.Delivery.Kinds.PrometheusWrite;

/// <summary>
/// Puts a request together: samples of one series into one <c>TimeSeries</c> in order of time, as the specification demands; a sample that is there twice, value and all, once.
/// Two values at one time both go out, and the receiver refuses them by name.
/// </summary>
internal static class RemoteWriteBody
{
    public static byte[] Compose(BatchSlice slice)
    {
        Dictionary<string, (byte[] Labels, List<(long TimeMs, ulong Value)> Samples)> all = [];
        List<string> order = [];
        for (int i = 0; i < slice.Count; i++)
        {
            ReadOnlySpan<byte> item = slice.BytesOf(i).Span;
            while (Proto.TryReadField(ref item, out _, out _, out ReadOnlySpan<byte> series))
            {
                (int labelsLength, long time, ulong value) = Split(series);
                ReadOnlySpan<byte> labels = series[..labelsLength];
                string key = string.Create(labels.Length, labels, static (chars, bytes) => System.Text.Encoding.Latin1.GetChars(bytes, chars));
                ref (byte[] Labels, List<(long, ulong)> Samples) found = ref CollectionsMarshal.GetValueRefOrAddDefault(all, key, out bool known);
                if (!known)
                {
                    found = (labels.ToArray(), []);
                    order.Add(key);
                }

                if (!found.Samples.Contains((time, value)))
                {
                    found.Samples.Add((time, value));
                }
            }
        }

        ArrayBufferWriter<byte> request = new(1 << 16);
        ArrayBufferWriter<byte> one = new(1024);
        foreach (string key in order)
        {
            (byte[] labels, List<(long TimeMs, ulong Value)> samples) = all[key];
            one.ResetWrittenCount();
            one.Write(labels);
            foreach ((long time, ulong value) in samples.OrderBy(s => s.TimeMs)) // stable: equal times keep the log's order
            {
                WriteSample(BitConverter.UInt64BitsToDouble(value), time, one);
            }

            Proto.WriteBytes(1, one.WrittenSpan, request);
        }

        return Snappy.Compress(request.WrittenSpan);
    }

    /// <summary><c>TimeSeries.samples</c>: value 1 as double, timestamp 2 as varint; both always written, so that zero is seen.</summary>
    public static void WriteSample(double value, long timeMs, IBufferWriter<byte> output)
    {
        Proto.WriteHead(2, 9 + 1 + Proto.VarintSize((ulong)timeMs), output);
        Proto.WriteFixed64(1, BitConverter.DoubleToUInt64Bits(value), output);
        Proto.WriteVarint(2 << 3, output);
        Proto.WriteVarint((ulong)timeMs, output);
    }

    /// <summary>A rendered series is its labels and one sample.</summary>
    private static (int LabelsLength, long TimeMs, ulong Value) Split(ReadOnlySpan<byte> series)
    {
        ReadOnlySpan<byte> rest = series;
        while (true)
        {
            int at = series.Length - rest.Length;
            if (!Proto.TryReadField(ref rest, out int field, out _, out ReadOnlySpan<byte> bytes))
            {
                throw new InvalidOperationException("a rendered series without a sample");
            }

            if (field == 2)
            {
                Proto.TryReadField(ref bytes, out _, out ulong value, out _);
                Proto.TryReadField(ref bytes, out _, out ulong time, out _);
                return (at, (long)time, value);
            }
        }
    }
}
