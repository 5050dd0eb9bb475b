using System.Buffers;
using System.Text;
using System.Text.Json;
using Muniment.Gateway.Llm.Sse;
using Muniment.Gateway.Llm.Streaming;

namespace Muniment.Gateway.Tests.Llm.Streaming;

/// <summary>Feeds a stream through a rewriter and reads what came out as a client would.</summary>
internal static class StreamRunner
{
    public static string Run(StreamRewriter rewriter, string stream, int chunk = int.MaxValue)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(stream);
        using var reader = new SseReader();
        var output = new ArrayBufferWriter<byte>();
        for (int position = 0; position < bytes.Length && rewriter.Fault is StreamFault.None; position += Math.Min(chunk, bytes.Length - position))
        {
            byte[] part = bytes[position..(position + Math.Min(chunk, bytes.Length - position))];
            part.CopyTo(reader.GetMemory(part.Length));
            reader.Advance(part.Length);
            while (rewriter.Fault is StreamFault.None && reader.TryRead(false, out SseFrame frame) is SseReadStatus.Frame)
            {
                rewriter.Take(frame, output);
            }
        }

        rewriter.Close(output);
        output.Write(rewriter.Last.WrittenSpan);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    public static List<(string Event, JsonElement? Data)> Frames(string stream)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(stream);
        using var reader = new SseReader();
        bytes.CopyTo(reader.GetMemory(bytes.Length));
        reader.Advance(bytes.Length);
        List<(string, JsonElement?)> frames = [];
        while (reader.TryRead(true, out SseFrame frame) is SseReadStatus.Frame)
        {
            if (frame.HasData)
            {
                string data = Encoding.UTF8.GetString(frame.Data.Span);
                frames.Add((Encoding.UTF8.GetString(frame.Event.Span), data == "[DONE]" ? null : JsonDocument.Parse(data).RootElement.Clone()));
            }
        }

        return frames;
    }

    /// <summary>A text in pieces of random length.</summary>
    public static IEnumerable<string> Pieces(string text, Random random)
    {
        for (int position = 0; position < text.Length;)
        {
            int length = Math.Min(text.Length - position, random.Next(1, 6));
            length += char.IsHighSurrogate(text[position + length - 1]) ? 1 : 0;
            yield return text.Substring(position, length);
            position += length;
        }
    }
}
