using System.Text;
using Muniment.Events;
using Muniment.Events.Canonical;

namespace Muniment.Delivery.Tests.Kinds.PrometheusWrite;

/// <summary>OTLP metrics by hand.</summary>
internal static class MetricBuilder
{
    public const ulong Time = 1_767_225_600_000_000_000;

    public static StoredEvent Stored(byte[] metric) => new(
        0, (long)Time, EntryKind.Metric, EnvelopeCodec.Write(new Envelope { Receiver = "otlp_http" }),
        Message(1, [.. Message(1, Attribute("service.name", "svc")), .. Message(1, Attribute("service.namespace", "ns")), .. Message(1, Attribute("service.instance.id", "i1"))]), default, metric);

    public static byte[] Sum(string name, double value, string key, ulong time = Time, bool monotonic = true, int temporality = 2, string unit = "") =>
        [.. Message(1, name), .. Message(3, unit), .. Message(7, [.. Message(1, Number(value, key, time)), 2 << 3, (byte)temporality, 3 << 3, monotonic ? (byte)1 : (byte)0])];

    public static byte[] Gauge(string name, double value, string key, string unit = "") => [.. Message(1, name), .. Message(3, unit), .. Message(5, Message(1, Number(value, key, Time)))];

    public static byte[] Histogram(string name, ulong[] counts, double[] bounds, double sum) =>
    [
        .. Message(1, name),
        .. Message(9, [.. Message(1, [.. Fixed(3, Time), .. Fixed(4, counts.Aggregate(0UL, (a, b) => a + b)), .. Double(5, sum), .. Message(6, [.. counts.SelectMany(BitConverter.GetBytes)]), .. Message(7, [.. bounds.SelectMany(BitConverter.GetBytes)])]), 2 << 3, 2]),
    ];

    public static byte[] Summary(string name) =>
        [.. Message(1, name), .. Message(11, Message(1, [.. Fixed(3, Time), .. Fixed(4, 3), .. Double(5, 6), .. Message(6, [.. Double(1, 0.5), .. Double(2, 2)])]))];

    public static byte[] Exponential(string name) => [.. Message(1, name), .. Message(10, [.. Message(1, [.. Message(1, Attribute("a.b", "c")), .. Fixed(3, Time), .. Fixed(4, 3), .. Double(5, 6)]), 2 << 3, 2])];

    private static byte[] Number(double value, string key, ulong time) => [.. Fixed(3, time), .. Double(4, value), .. Message(7, Attribute("key", key))];

    public static byte[] Attribute(string key, string value) => [.. Message(1, key), .. Message(2, Message(1, value))];

    public static byte[] Message(int field, string text) => Message(field, Encoding.UTF8.GetBytes(text));

    public static byte[] Message(int field, byte[] bytes)
    {
        List<byte> head = [(byte)(field << 3 | 2)];
        int length = bytes.Length;
        while (length >= 0x80)
        {
            head.Add((byte)(length | 0x80));
            length >>= 7;
        }

        return [.. head, (byte)length, .. bytes];
    }

    private static byte[] Fixed(int field, ulong value) => [(byte)(field << 3 | 1), .. BitConverter.GetBytes(value)];

    private static byte[] Double(int field, double value) => [(byte)(field << 3 | 1), .. BitConverter.GetBytes(value)];
}
