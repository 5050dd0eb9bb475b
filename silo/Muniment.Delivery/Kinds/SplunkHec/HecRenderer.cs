using System.Buffers;
using System.Text;
using System.Text.Json;
using Muniment.Delivery.Batches;
using Muniment.Events.Formats;

namespace Muniment.Delivery.Kinds.SplunkHec;

/// <summary>One HEC envelope an event. <c>index</c>, <c>source</c> and <c>sourcetype</c> come from the configuration only, never from an event.</summary>
internal sealed class HecRenderer : IEventRenderer
{
    private readonly IEventFormat _format;
    private readonly Marks _marks;
    private readonly byte[] _afterTime;

    public HecRenderer(RenderContext context)
    {
        _format = context.Format!;
        _marks = new Marks(context.Origin, context.Config.Id);
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

    public byte Render(in OutgoingEvent value, IBufferWriter<byte> output)
    {
        output.Write("{\"time\":"u8);
        WriteTime(value.Event!.TimeNs, output);
        output.Write(_afterTime);
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

    /// <summary>Seconds with as many decimals as the time has, at least three.</summary>
    internal static void WriteTime(long timeNs, IBufferWriter<byte> output)
    {
        (long seconds, long rest) = Math.DivRem(timeNs, 1_000_000_000L);
        if (timeNs < 0)
        {
            output.Write("0.000"u8); // before 1970: Splunk has no such time, the event itself keeps it
            return;
        }

        Marks.WriteNumber(seconds, output);
        Span<byte> digits = stackalloc byte[10];
        digits[0] = (byte)'.';
        for (int i = 9; i > 0; i--)
        {
            digits[i] = (byte)('0' + rest % 10);
            rest /= 10;
        }

        int length = 10;
        while (length > 4 && digits[length - 1] == (byte)'0')
        {
            length--;
        }

        output.Write(digits[..length]);
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
