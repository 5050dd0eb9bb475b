using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Muniment.Events.Blocks;
using Muniment.TestData;

namespace Muniment.Events.Tests.Blocks;

public sealed class Lz4Tests
{
    private readonly int[] _table = Lz4.NewTable();

    [Fact]
    public void Whatever_goes_in_comes_out()
    {
        Prop.ForAll<byte[], byte, int>((piece, repeats, seed) =>
        {
            Random random = new(seed);
            List<byte> content = [];
            for (int i = 0; i < repeats % 40; i++)
            {
                content.AddRange(piece ?? []);
                byte[] noise = new byte[random.Next(60)];
                random.NextBytes(noise);
                content.AddRange(noise);
                content.AddRange(Enumerable.Repeat((byte)i, random.Next(3) == 0 ? random.Next(700) : 0));
            }

            RoundTrip([.. content]);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(400));
    }

    [Fact]
    public void Every_short_length_comes_out()
    {
        for (int length = 0; length < 80; length++)
        {
            RoundTrip(new byte[length]);
            RoundTrip([.. Enumerable.Range(0, length).Select(i => (byte)i)]);
            RoundTrip([.. Enumerable.Range(0, length).Select(i => (byte)(i % 3))]);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(65_535)]
    [InlineData(65_536)]
    [InlineData(70_001)]
    public void Matches_reach_as_far_back_as_the_format_can_say(int distance)
    {
        byte[] content = new byte[(distance * 2) + 100];
        new Random(1).NextBytes(content.AsSpan(0, distance));
        content.AsSpan(0, distance).CopyTo(content.AsSpan(distance));
        RoundTrip(content);
    }

    [Fact]
    public void Telemetry_becomes_much_smaller()
    {
        byte[] content = new EventGenerator(3).LogsRequest(500);
        Assert.True(RoundTrip(content) < content.Length * 0.45);
    }

    [Fact]
    public void A_block_of_the_reference_implementation_is_read()
    {
        // By lz4 1.9.4, lz4.block.compress of 6 times "muniment keeps what agents do; ".
        byte[] text = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("muniment keeps what agents do; ", 6)));
        byte[] block = [0xff, 0x10, .. text[..31], 0x1f, 0x00, 0x83, 0x50, .. text[^5..]];
        byte[] read = new byte[text.Length];
        Assert.True(Lz4.TryDecompress(block, read));
        Assert.Equal(text, read);
    }

    [Fact]
    public void Bytes_that_are_cut_or_changed_are_refused_or_give_the_length_and_nothing_else()
    {
        byte[] content = new EventGenerator(4).LogsRequest(3);
        byte[] compressed = Compress(content);
        byte[] target = new byte[content.Length];
        for (int length = 0; length < compressed.Length; length++)
        {
            Assert.False(Lz4.TryDecompress(compressed.AsSpan(0, length), target));
        }

        Assert.False(Lz4.TryDecompress(compressed, new byte[content.Length - 1]));
        Assert.False(Lz4.TryDecompress(compressed, new byte[content.Length + 1]));
        // Guards on both sides show a write outside.
        byte[] guarded = new byte[content.Length + 128];
        Random random = new(6);
        for (int i = 0; i < 5000; i++)
        {
            byte[] changed = [.. compressed];
            for (int n = random.Next(1, 4); n > 0; n--)
            {
                changed[random.Next(changed.Length)] = (byte)random.Next(256);
            }

            guarded.AsSpan().Fill(0xa5);
            Lz4.TryDecompress(changed, guarded.AsSpan(64, content.Length));
            Assert.Equal(-1, guarded.AsSpan(0, 64).IndexOfAnyExcept((byte)0xa5));
            Assert.Equal(-1, guarded.AsSpan(64 + content.Length).IndexOfAnyExcept((byte)0xa5));
        }
    }

    [Fact]
    public void A_large_segment_uses_it_and_a_changed_byte_is_no_longer_authentic()
    {
        using SegmentEncoder encoder = new();
        encoder.Begin(new FixedKeyring().Current(TenantId.Default), 5);
        int envelope = encoder.AddEnvelope("{}"u8);
        string text = new('x', 200);
        for (int i = 0; i < 1000; i++)
        {
            encoder.Add(EntryKind.Event, envelope, -1, -1, Encoding.UTF8.GetBytes($"{text}{i}"), i);
        }

        Segment segment = encoder.Finish();
        Assert.Equal(FrameCodec.Lz4, SegmentHeader.Read(segment.Payload.Span).Codec);
        DecodedBlock block = new SegmentDecoder().Decode(segment.Payload.Span, TenantId.Default, new FixedKeyring(), 0);
        Assert.Equal($"{text}999", Encoding.UTF8.GetString(block.Events[999].Record.Span));
        byte[] codecChanged = segment.Payload.ToArray();
        codecChanged[1] = (byte)FrameCodec.Brotli;
        Assert.Equal(JournalFault.Authentication, Assert.Throws<JournalCorruptException>(() => new SegmentDecoder().Decode(codecChanged, TenantId.Default, new FixedKeyring(), 0)).Fault);
    }

    private int RoundTrip(byte[] content)
    {
        byte[] compressed = Compress(content);
        byte[] read = new byte[content.Length];
        Assert.True(Lz4.TryDecompress(compressed, read));
        Assert.Equal(content, read);
        return compressed.Length;
    }

    private byte[] Compress(byte[] content)
    {
        byte[] target = new byte[Lz4.MaxCompressedSize(content.Length)];
        return target[..Lz4.Compress(content, target, _table)];
    }
}
