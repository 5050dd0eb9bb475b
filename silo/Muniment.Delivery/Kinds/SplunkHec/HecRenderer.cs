using System.Buffers;
using System.Buffers.Text;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Muniment.Delivery.Batches;
using Muniment.Events;
using Muniment.Events.Canonical.Copying;
using Muniment.Events.Formats;

namespace Muniment.Delivery.Kinds.SplunkHec;

/// <summary>One HEC envelope an event. <c>index</c>, <c>source</c> and <c>sourcetype</c> come from the configuration only, never from an event.</summary>
internal sealed class HecRenderer : IEventRenderer
{
    private const int MaxTimeSizeBytes = 30;
    private const int MaxFixedSizeBytes = 64; // names, quotes and braces around time, id and marks
    private readonly IEventFormat _format;
    private readonly Marks _marks;
    private readonly byte[] _afterTime;
    private readonly byte[] _time = new byte[MaxTimeSizeBytes]; // neighbours often have the same
    private int _timeLength;
    private long _timeNs = long.MinValue;

    public HecRenderer(RenderContext context)
    {
        _format = context.Format!;
        _marks = new Marks(context.Origin, context.Config.Id);
        Copies = _format.Name == "canonical";
        StringBuilder text = new();
        foreach (string option in (ReadOnlySpan<string>)["index", "source", "sourcetype"])
        {
            string? value = context.Config.Text(option) ?? (option == "sourcetype" ? "muniment" : option == "source" ? "muniment:" + context.Tenant : null);
            if (value is not null)
            {
                text.Append(",\"").Append(option).Append("\":").Append(JsonSerializer.Serialize(value));
            }
        }

        _afterTime = Encoding.UTF8.GetBytes(text.Append(",\"event\":").ToString());
    }

    public bool Copies { get; }

    public byte Render(in OutgoingEvent value, IBufferWriter<byte> output)
    {
        if (value.Copy is { } copy)
        {
            Copy(copy, value, output);
            return 0;
        }

        Span<byte> room = output.GetSpan(_afterTime.Length + MaxTimeSizeBytes + 16);
        output.Advance(Head(value.Event!.TimeNs, room));
        _format.Write(value.Event, EventMarks.None, output); // they are indexed fields, below
        output.Write(",\"fields\":{\"event_id\":"u8);
        WriteId(value.Id, output);
        if (value.N >= 0)
        {
            output.Write(","u8);
            _marks.WriteDotted(value, output);
        }

        output.Write("}}\n"u8);
        return 0;
    }

    /// <summary>The same for an event that is copied, in one piece of room.</summary>
    private void Copy(CanonicalCopier copy, in OutgoingEvent value, IBufferWriter<byte> output)
    {
        Span<byte> room = output.GetSpan(copy.MaxSizeBytes + _afterTime.Length + MaxTimeSizeBytes + EventIds.MaxLength + MaxFixedSizeBytes + _marks.MaxSizeBytes(value));
        int at = Head(copy.TimeNs, room);
        at += copy.Write(room[at..]);
        Put(",\"fields\":{\"event_id\":\""u8, room, ref at);
        Put(copy.IdUtf8, room, ref at); // it has nothing that JSON escapes
        room[at++] = (byte)'"';
        if (value.N >= 0)
        {
            room[at++] = (byte)',';
            at += _marks.WriteDotted(value, room[at..]);
        }

        Put("}}\n"u8, room, ref at);
        output.Advance(at);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)] // a copy of a constant length is a few moves then
    private static void Put(ReadOnlySpan<byte> text, Span<byte> room, ref int at)
    {
        text.CopyTo(room[at..]);
        at += text.Length;
    }

    /// <summary>Seconds with as many decimals as the time has, at least three.</summary>
    internal static void WriteTime(long timeNs, IBufferWriter<byte> output) => output.Advance(FormatTime(timeNs, output.GetSpan(MaxTimeSizeBytes)));

    private static int FormatTime(long timeNs, Span<byte> output)
    {
        if (timeNs < 0)
        {
            "0.000"u8.CopyTo(output); // before 1970: Splunk has no such time, the event itself keeps it
            return 5;
        }

        (long seconds, long rest) = Math.DivRem(timeNs, 1_000_000_000L);
        Utf8Formatter.TryFormat(seconds, output, out int at);
        output[at] = (byte)'.';
        Utf8Formatter.TryFormat(rest, output[(at + 1)..], out _, new StandardFormat('D', 9));
        int length = 10;
        while (length > 4 && output[at + length - 1] == (byte)'0')
        {
            length--;
        }

        return at + length;
    }

    /// <summary>Everything before the event; returns its length.</summary>
    private int Head(long timeNs, Span<byte> output)
    {
        if (timeNs != _timeNs)
        {
            (_timeLength, _timeNs) = (FormatTime(timeNs, _time), timeNs);
        }

        ReadOnlySpan<byte> begin = "{\"time\":"u8;
        begin.CopyTo(output);
        _time.AsSpan(0, _timeLength).CopyTo(output[begin.Length..]);
        _afterTime.CopyTo(output[(begin.Length + _timeLength)..]);
        return begin.Length + _timeLength + _afterTime.Length;
    }

    private static void WriteId(string id, IBufferWriter<byte> output)
    {
        if (id.AsSpan().ContainsAnyExceptInRange(' ', '~') || id.AsSpan().ContainsAny('"', '\\'))
        {
            output.Write(JsonSerializer.SerializeToUtf8Bytes(id));
            return;
        }

        Span<byte> span = output.GetSpan(id.Length + 2);
        span[0] = (byte)'"';
        Encoding.ASCII.GetBytes(id, span[1..]);
        span[id.Length + 1] = (byte)'"';
        output.Advance(id.Length + 2);
    }
}
