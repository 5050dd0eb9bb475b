using System.Buffers;
using System.Globalization;
using System.Text;
using Muniment.Delivery.Kinds.OtlpHttp;

namespace Muniment.Delivery.Kinds.PrometheusWrite;

/// <summary>Labels of one point, sorted by name as remote write demands. Two attributes that become one name share it, their values joined with <c>;</c> (OpenTelemetry's rule).</summary>
internal sealed class LabelSet
{
    private readonly SortedDictionary<string, string> _labels = new(StringComparer.Ordinal);

    public LabelSet()
    {
    }

    public LabelSet(LabelSet other)
    {
        foreach ((string name, string value) in other._labels)
        {
            _labels[name] = value;
        }
    }

    public void Set(string name, string value)
    {
        if (value.Length > 0) // an empty label is no label
        {
            _labels[name] = value;
        }
    }

    /// <summary>A <c>KeyValue</c>.</summary>
    public void Add(ReadOnlySpan<byte> attribute)
    {
        (string key, string value) = ReadAttribute(attribute);
        string name = MetricName.Label(key);
        Set(name, _labels.TryGetValue(name, out string? before) ? before + ";" + value : value);
    }

    /// <summary>One <c>timeseries</c> of a <c>WriteRequest</c> with one sample.</summary>
    public void WriteSample(string metric, double value, long timeMs, IBufferWriter<byte> output, (string Name, string Value)? extra = null)
    {
        _labels["__name__"] = metric;
        if (extra is { } added)
        {
            _labels[added.Name] = added.Value;
        }

        ArrayBufferWriter<byte> series = new(256);
        foreach ((string name, string text) in _labels)
        {
            int size = Proto.FieldSize(Encoding.UTF8.GetByteCount(name)) + Proto.FieldSize(Encoding.UTF8.GetByteCount(text));
            Proto.WriteHead(1, size, series);
            Proto.WriteText(1, name, series);
            Proto.WriteText(2, text, series);
        }

        if (extra is { } done)
        {
            _labels.Remove(done.Name);
        }

        RemoteWriteBody.WriteSample(value, timeMs, series);
        Proto.WriteBytes(1, series.WrittenSpan, output);
    }

    public static (string Key, string Value) ReadAttribute(ReadOnlySpan<byte> attribute)
    {
        string key = "";
        string value = "";
        while (Proto.TryReadField(ref attribute, out int field, out _, out ReadOnlySpan<byte> bytes))
        {
            key = field == 1 ? Encoding.UTF8.GetString(bytes) : key;
            value = field == 2 ? TextOf(bytes, 0) : value;
        }

        return (key, value);
    }

    /// <summary>An <c>AnyValue</c> as text; lists and maps as JSON-like text.</summary>
    private static string TextOf(ReadOnlySpan<byte> any, int depth)
    {
        if (depth > 8 || !Proto.TryReadField(ref any, out int field, out ulong number, out ReadOnlySpan<byte> bytes))
        {
            return "";
        }

        switch (field)
        {
            case 1:
                return Encoding.UTF8.GetString(bytes);
            case 2:
                return number != 0 ? "true" : "false";
            case 3:
                return ((long)number).ToString(CultureInfo.InvariantCulture);
            case 4:
                return BitConverter.UInt64BitsToDouble(number).ToString("R", CultureInfo.InvariantCulture);
            case 5 or 6:
                List<string> parts = [];
                while (Proto.TryReadField(ref bytes, out int inner, out _, out ReadOnlySpan<byte> element))
                {
                    parts.Add(inner != 1 ? "" : field == 5 ? TextOf(element, depth + 1) : Pair(element, depth));
                }

                return field == 5 ? "[" + string.Join(',', parts) + "]" : "{" + string.Join(',', parts) + "}";
            case 7:
                return Convert.ToBase64String(bytes);
            default:
                return "";
        }
    }

    private static string Pair(ReadOnlySpan<byte> attribute, int depth)
    {
        string key = "";
        string value = "";
        while (Proto.TryReadField(ref attribute, out int field, out _, out ReadOnlySpan<byte> bytes))
        {
            key = field == 1 ? Encoding.UTF8.GetString(bytes) : key;
            value = field == 2 ? TextOf(bytes, depth + 1) : value;
        }

        return key + ":" + value;
    }
}
