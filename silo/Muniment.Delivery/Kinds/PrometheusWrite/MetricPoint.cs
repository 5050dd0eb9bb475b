using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using Muniment.Delivery.Kinds.OtlpHttp;

namespace Muniment.Delivery.Kinds.PrometheusWrite;

/// <summary>One data point: labels, time, and whether it says "no value", which Prometheus knows as a stale marker. Field numbers are those of opentelemetry-proto.</summary>
internal readonly record struct MetricPoint(LabelSet Labels, long TimeMs, bool IsStale)
{
    private static readonly double Stale = BitConverter.UInt64BitsToDouble(0x7ff0000000000002);

    public static MetricPoint Read(ReadOnlySpan<byte> point, int attributes, LabelSet resource, long receivedNs)
    {
        LabelSet labels = new(resource);
        ulong timeNs = 0;
        bool stale = false;
        int flags = attributes == 7 ? 8 : 10;
        while (Proto.TryReadField(ref point, out int field, out ulong number, out ReadOnlySpan<byte> bytes))
        {
            if (field == attributes)
            {
                labels.Add(bytes);
            }

            timeNs = field == 3 ? number : timeNs;
            stale |= field == flags && (number & 1) != 0;
        }

        return new MetricPoint(labels, (timeNs is 0 or > long.MaxValue ? receivedNs : (long)timeNs) / 1_000_000, stale);
    }

    public void WriteNumber(string name, ReadOnlySpan<byte> point, IBufferWriter<byte> output)
    {
        double value = 0;
        while (Proto.TryReadField(ref point, out int field, out ulong number, out _))
        {
            value = field == 4 ? BitConverter.UInt64BitsToDouble(number) : field == 6 ? (long)number : value;
        }

        Write(name, value, output);
    }

    public void WriteHistogram(string name, ReadOnlySpan<byte> point, IBufferWriter<byte> output)
    {
        List<ulong> counts = [];
        List<double> bounds = [];
        ulong count = 0;
        ReadOnlySpan<byte> fields = point;
        while (Proto.TryReadField(ref fields, out int field, out ulong number, out ReadOnlySpan<byte> bytes))
        {
            switch (field)
            {
                case 4:
                    count = number;
                    break;
                case 6:
                    ReadFixed(number, bytes, counts.Add);
                    break;
                case 7:
                    ReadFixed(number, bytes, bits => bounds.Add(BitConverter.UInt64BitsToDouble(bits)));
                    break;
            }
        }

        ulong sum = 0;
        for (int i = 0; i < bounds.Count && i < counts.Count; i++)
        {
            sum += counts[i];
            Write(name + "_bucket", sum, output, ("le", Number(bounds[i])));
        }

        Write(name + "_bucket", count, output, ("le", "+Inf"));
        WriteCountAndSum(name, point, output);
    }

    public void WriteCountAndSum(string name, ReadOnlySpan<byte> point, IBufferWriter<byte> output)
    {
        ulong count = 0;
        while (Proto.TryReadField(ref point, out int field, out ulong number, out _))
        {
            if (field == 4)
            {
                count = number;
            }
            else if (field == 5)
            {
                Write(name + "_sum", BitConverter.UInt64BitsToDouble(number), output);
            }
        }

        Write(name + "_count", count, output);
    }

    public void WriteSummary(string name, ReadOnlySpan<byte> point, IBufferWriter<byte> output)
    {
        ReadOnlySpan<byte> fields = point;
        while (Proto.TryReadField(ref fields, out int field, out _, out ReadOnlySpan<byte> bytes))
        {
            if (field == 6)
            {
                double quantile = 0;
                double value = 0;
                while (Proto.TryReadField(ref bytes, out int inner, out ulong number, out _))
                {
                    (quantile, value) = inner == 1 ? (BitConverter.UInt64BitsToDouble(number), value) : (quantile, BitConverter.UInt64BitsToDouble(number));
                }

                Write(name, value, output, ("quantile", Number(quantile)));
            }
        }

        WriteCountAndSum(name, point, output);
    }

    private void Write(string name, double value, IBufferWriter<byte> output, (string Name, string Value)? extra = null) =>
        Labels.WriteSample(name, IsStale ? Stale : value, TimeMs, output, extra);

    /// <summary>A repeated fixed64: packed, or one by one.</summary>
    private static void ReadFixed(ulong number, ReadOnlySpan<byte> packed, Action<ulong> add)
    {
        if (packed.IsEmpty)
        {
            add(number);
        }

        for (; packed.Length >= 8; packed = packed[8..])
        {
            add(BinaryPrimitives.ReadUInt64LittleEndian(packed));
        }
    }

    private static string Number(double value) =>
        Math.Abs(value) < 1e15 ? value.ToString("0.################", CultureInfo.InvariantCulture) : value.ToString("R", CultureInfo.InvariantCulture);
}
