using System.Security.Cryptography;
using Muniment.Events.Hashing;

namespace Muniment.Events.Tests.Hashing;

public sealed class Sha256MultiTests
{
    public static TheoryData<int> LaneCounts()
    {
        var counts = new TheoryData<int> { 1 };
        if (Sha256Lanes8.IsSupported)
        {
            counts.Add(8);
        }

        if (Sha256Lanes16.IsSupported)
        {
            counts.Add(16);
        }

        return counts;
    }

    [Theory]
    [MemberData(nameof(LaneCounts))]
    public void AnyMixOfLengthsGivesOrdinaryDigests(int lanes)
    {
        var random = new Random(7);
        for (int round = 0; round < 200; round++)
        {
            byte[][] messages = [.. Enumerable.Range(0, random.Next(1, 70)).Select(_ => Message(random, random.Next(round % 3 == 0 ? 70 : 900)))];
            CheckAll(messages, lanes);
        }
    }

    [Theory]
    [MemberData(nameof(LaneCounts))]
    public void EveryLengthAroundBlockBordersIsRight(int lanes)
    {
        var random = new Random(8);
        CheckAll([.. Enumerable.Range(0, 260).Select(length => Message(random, length))], lanes);
        CheckAll([.. Enumerable.Range(0, 17).Select(_ => Message(random, Sha256Multi.MaxMessageSizeBytes))], lanes);
    }

    [Theory]
    [MemberData(nameof(LaneCounts))]
    public void NodesAreThoseOfRfc6962(int lanes)
    {
        var random = new Random(9);
        for (int count = 0; count < 200; count++)
        {
            byte[] children = Message(random, count * 64);
            byte[] expected = [.. Enumerable.Range(0, count).SelectMany(i => SHA256.HashData([1, .. children.AsSpan(i * 64, 64)]))];
            byte[] apart = new byte[count * 32];
            Sha256Multi.HashNodes(children, apart, lanes);
            Assert.Equal(expected, apart);
            Sha256Multi.HashNodes(children, children, lanes);
            Assert.Equal(expected, children[..(count * 32)]);
        }
    }

    [Fact]
    public void WrongLengthsAreRefused()
    {
        Assert.Throws<ArgumentException>(() => Sha256Multi.HashPadded(new byte[64], [56], new byte[32]));
        Assert.Throws<ArgumentException>(() => Sha256Multi.HashPadded(new byte[64], [1], new byte[31]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Sha256Multi.HashPadded(new byte[64], [-1], new byte[32]));
        Assert.Throws<ArgumentException>(() => Sha256Multi.HashNodes(new byte[65], new byte[64]));
    }

    [Fact]
    public void HashingAllocatesNothing()
    {
        byte[] children = new byte[64 * 100];
        byte[] parents = new byte[32 * 100];
        Sha256Multi.HashNodes(children, parents);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Sha256Multi.HashNodes(children, parents);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static void CheckAll(byte[][] messages, int lanes)
    {
        byte[] padded = new byte[messages.Sum(m => Sha256Multi.PaddedSize(m.Length))];
        int at = 0;
        foreach (byte[] message in messages)
        {
            Span<byte> target = padded.AsSpan(at, Sha256Multi.PaddedSize(message.Length));
            message.CopyTo(target);
            Sha256Multi.Pad(target, message.Length);
            at += target.Length;
        }

        byte[] digests = new byte[messages.Length * 32];
        Sha256Multi.HashPadded(padded, [.. messages.Select(m => m.Length)], digests, lanes);
        for (int i = 0; i < messages.Length; i++)
        {
            Assert.Equal(SHA256.HashData(messages[i]), digests[(i * 32)..((i + 1) * 32)]);
        }
    }

    private static byte[] Message(Random random, int length)
    {
        byte[] bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }
}
