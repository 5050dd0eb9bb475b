using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Muniment.Delivery.Batches;

namespace Muniment.Delivery.Kinds.Loki;

/// <summary>
/// The body of a push. Loki refuses what is more than an hour behind the newest entry of its stream, so whatever is older than that when it is sent (after an outage, a rewind,
/// a replay) goes into a stream of its own for each hour of its time, with the label <see cref="OldLabel"/>: within one, nothing is an hour behind. A retry across the edge may
/// therefore find its entry stored in the other stream.
/// </summary>
internal sealed class LokiStreams(SortedDictionary<string, string> labels)
{
    /// <summary>Names the hour (UTC) of the times in a stream of old entries. They are as many as hours were sent late.</summary>
    public const string OldLabel = "muniment_old";

    /// <summary>An hour, less what a request and its retries may take.</summary>
    internal static readonly TimeSpan Newest = TimeSpan.FromMinutes(50);

    private const long HourNs = 3_600_000_000_000;
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly byte[] _own = Encoding.UTF8.GetBytes(JsonSerializer.Serialize(labels, Plain));

    /// <summary>A text as LogQL reads it: by Go's rules, which know no surrogates as JSON has them.</summary>
    public static string Quote(string text)
    {
        StringBuilder quoted = new("\"", text.Length + 2);
        foreach (char c in text)
        {
            _ = c is '"' or '\\' ? quoted.Append('\\').Append(c) : char.IsControl(c) ? quoted.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}") : quoted.Append(c);
        }

        return quoted.Append('"').ToString();
    }

    /// <summary>The time of a rendered entry, which begins with it.</summary>
    public static long TimeOf(ReadOnlySpan<byte> entry)
    {
        Utf8Parser.TryParse(entry[2..], out long time, out _);
        return time;
    }

    /// <summary>The body, and how many streams it has.</summary>
    public (ReadOnlyMemory<byte> Body, int Streams) Compose(BatchSlice slice, DateTimeOffset now)
    {
        long oldNs = (now - Newest - DateTimeOffset.UnixEpoch).Ticks * 100;
        SortedDictionary<long, List<int>> streams = []; // by hour; what is new comes last
        int size = 0;
        for (int i = 0; i < slice.Count; i++)
        {
            long time = TimeOf(slice.BytesOf(i).Span);
            long hour = time < oldNs ? time / HourNs : long.MaxValue;
            size += slice[i].Length;
            if (!streams.TryGetValue(hour, out List<int>? items))
            {
                streams[hour] = items = [];
            }

            items.Add(i);
        }

        ArrayBufferWriter<byte> body = new(size + streams.Count * (_own.Length + 96) + 32);
        body.Write("{\"streams\":["u8);
        bool more = false;
        foreach ((long hour, List<int> items) in streams)
        {
            body.Write(more ? ",{\"stream\":"u8 : "{\"stream\":"u8);
            body.Write(hour == long.MaxValue ? _own : Old(hour));
            body.Write(",\"values\":["u8);
            foreach (int i in items)
            {
                ReadOnlySpan<byte> entry = slice.BytesOf(i).Span;
                body.Write(i == items[^1] ? entry[..^1] : entry); // each ends with a comma
            }

            body.Write("]}"u8);
            more = true;
        }

        body.Write("]}"u8);
        return (body.WrittenMemory, streams.Count);
    }

    private byte[] Old(long hour) => JsonSerializer.SerializeToUtf8Bytes(
        new SortedDictionary<string, string>(labels, StringComparer.Ordinal) { [OldLabel] = DateTimeOffset.UnixEpoch.AddHours(hour).ToString("yyyy-MM-dd'T'HH", CultureInfo.InvariantCulture) }, Plain);
}
