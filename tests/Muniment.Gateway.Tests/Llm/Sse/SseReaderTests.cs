using System.Buffers;
using System.Text;
using Muniment.Gateway.Llm.Sse;

namespace Muniment.Gateway.Tests.Llm.Sse;

public class SseReaderTests
{
    private const string Stream = "\uFEFFevent: a\ndata: one\n\n: comment\n\ndata:two\r\ndata: 2é\r\n\r\nevent:b\rdata\rid: 7\r\rdata: [DONE]\n\n";

    private static readonly string[] Expected = ["a|one", "|-", "|two\n2é", "b|", "|[DONE]"];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(1000)]
    public void Frames_do_not_depend_on_how_the_bytes_arrive(int chunk) => Assert.Equal(Expected, Read(Encoding.UTF8.GetBytes(Stream), chunk));

    [Fact]
    public void The_raw_bytes_of_all_frames_are_the_stream()
    {
        byte[] all = Encoding.UTF8.GetBytes(Stream);
        using var reader = new SseReader();
        all.CopyTo(reader.GetMemory(all.Length));
        reader.Advance(all.Length);
        var raw = new MemoryStream();
        while (reader.TryRead(ended: true, out SseFrame frame) is SseReadStatus.Frame)
        {
            raw.Write(frame.Raw.Span);
        }

        Assert.Equal(all[3..], raw.ToArray());
    }

    [Fact]
    public void A_stream_cut_anywhere_gives_a_prefix_of_its_frames_and_the_rest_is_there()
    {
        byte[] all = Encoding.UTF8.GetBytes(Stream);
        for (int length = 0; length < all.Length; length++)
        {
            List<string> frames = Read(all[..length], 5, out string rest);
            Assert.Equal(Expected.Take(frames.Count), frames);
            Assert.EndsWith(rest, Encoding.Latin1.GetString(all[..length]));
        }
    }

    [Fact]
    public void A_frame_without_end_is_an_outcome()
    {
        using var reader = new SseReader(maxFrameBytes: 1000);
        SseReadStatus status = SseReadStatus.NeedsMore;
        for (int i = 0; i < 200 && status is SseReadStatus.NeedsMore; i++)
        {
            "data: xxxx"u8.CopyTo(reader.GetMemory().Span);
            reader.Advance(10);
            status = reader.TryRead(ended: false, out _);
        }

        Assert.Equal(SseReadStatus.TooLarge, status);
        Assert.InRange(reader.PendingBytes, 1000, 1020);
    }

    [Fact]
    public void A_last_frame_without_its_blank_line_is_there_at_the_end()
    {
        using var reader = new SseReader();
        "data: x\n\ndata: y"u8.CopyTo(reader.GetMemory().Span);
        reader.Advance(16);
        Assert.Equal(SseReadStatus.Frame, reader.TryRead(true, out _));
        Assert.Equal(SseReadStatus.NeedsMore, reader.TryRead(true, out _));
        Assert.True(reader.TryReadRest(out SseFrame frame));
        Assert.Equal("y", Encoding.UTF8.GetString(frame.Data.Span));
        Assert.False(reader.TryReadRest(out _));
    }

    [Fact]
    public void Written_frames_read_back_also_with_line_feeds_in_their_data()
    {
        var output = new System.Buffers.ArrayBufferWriter<byte>();
        SseWriter.Write(output, "e"u8, "{\n\"a\":1\n}"u8);
        output.Write(SseWriter.KeepAlive);
        SseWriter.Write(output, default, "x"u8);
        Assert.Equal(["e|{\n\"a\":1\n}", "|-", "|x"], Read(output.WrittenSpan.ToArray(), 3));
    }

    private static List<string> Read(byte[] stream, int chunk) => Read(stream, chunk, out _);

    private static List<string> Read(byte[] stream, int chunk, out string rest)
    {
        using var reader = new SseReader();
        List<string> frames = [];
        for (int position = 0; position < stream.Length; position += chunk)
        {
            byte[] part = stream[position..Math.Min(stream.Length, position + chunk)];
            part.CopyTo(reader.GetMemory(part.Length));
            reader.Advance(part.Length);
            while (reader.TryRead(position + chunk >= stream.Length, out SseFrame frame) is SseReadStatus.Frame)
            {
                frames.Add(Encoding.UTF8.GetString(frame.Event.Span) + "|" + (frame.HasData ? Encoding.UTF8.GetString(frame.Data.Span) : "-"));
            }
        }

        rest = Encoding.Latin1.GetString(reader.Pending.Span);
        return frames;
    }
}
