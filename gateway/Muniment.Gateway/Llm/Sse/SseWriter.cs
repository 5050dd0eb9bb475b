using System.Buffers;

namespace Muniment.Gateway.Llm.Sse;

/// <summary>Writes server-sent events.</summary>
internal static class SseWriter
{
    /// <summary>A comment that keeps connections open and clients ignore.</summary>
    public static ReadOnlySpan<byte> KeepAlive => ": keep-alive\n\n"u8;

    /// <summary>Ends a chat stream.</summary>
    public static ReadOnlySpan<byte> Done => "data: [DONE]\n\n"u8;

    /// <summary>Begins a frame, up to the first byte of its data.</summary>
    public static void Begin(IBufferWriter<byte> output, ReadOnlySpan<byte> name)
    {
        if (!name.IsEmpty)
        {
            output.Write("event: "u8);
            output.Write(name);
            output.Write("\n"u8);
        }

        output.Write("data: "u8);
    }

    /// <summary>Ends a frame after its data.</summary>
    public static void End(IBufferWriter<byte> output) => output.Write("\n\n"u8);

    /// <summary>Writes a frame. Line feeds in the data (JSON between values may have them) begin further data lines.</summary>
    public static void Write(IBufferWriter<byte> output, ReadOnlySpan<byte> name, ReadOnlySpan<byte> data)
    {
        Begin(output, name);
        for (int feed; (feed = data.IndexOf((byte)'\n')) >= 0; data = data[(feed + 1)..])
        {
            output.Write(data[..feed]);
            output.Write("\ndata: "u8);
        }

        output.Write(data);
        End(output);
    }
}
