using System.Diagnostics;
using System.IO.Compression;
using Muniment.Events;
using Muniment.Events.Blocks;
using Muniment.Events.Blocks.Sealed;
using Muniment.Events.Canonical;
using Muniment.Events.Keys;
using Muniment.Journal.Index;
using Muniment.Journal.Sealing;
using Muniment.TestData;
using Muniment.Trust.Merkle;

namespace Muniment.Benchmarks;

/// <summary>What sealing costs an event, part by part, on one core: blocks of 4,096 generated events from commit rows of 1,000, beside Brotli over the same raw bytes.</summary>
internal static class SealingBench
{
    private const int Blocks = 8;
    private const long StartNs = 1_790_000_000_000_000_000;
    private static readonly TenantId Tenant = TenantId.Parse("acme");
    private static readonly TimeSpan PartTime = TimeSpan.FromSeconds(2);

    /// <param name="table">Where figures go.</param>
    /// <param name="only">One part, e.g. "logs: encode", for a profiler; null for all.</param>
    public static Task RunAsync(Table table, string? only)
    {
        Run(table, "logs", EntryKind.Log, only);
        Run(table, "events", EntryKind.Event, only);
        return Task.CompletedTask;
    }

    private static void Run(Table table, string what, EntryKind kind, string? only)
    {
        TenantKeys keys = new(Tenant, 1, new byte[32]);
        Keyring keyring = new(keys);
        byte[][][] rows = [.. Enumerable.Range(0, Blocks).Select(block => Rows(keys, kind, block))];
        DecodedBlock[] blocks = [.. rows.Select(Decode)];
        byte[][] raw = [.. blocks.Select(block => block.Events.SelectMany(e => e.Record.ToArray()).ToArray())];
        double brotli = Measure(i => Brotli(raw[i]), only is null ? PartTime : TimeSpan.Zero).Microseconds;
        table.Add($"{what}: Brotli 1, there and back, of the records alone", brotli, "us/event");

        SegmentDecoder segments = new();
        Part("read commit rows", i =>
        {
            foreach (byte[] row in rows[i])
            {
                segments.Decode(row, Tenant, keyring, 0);
            }
        });

        SealedBlockEncoder encoder = new();
        Part("encode", i => encoder.Encode(blocks[i].Events.AsSpan(), blocks[i].Ranges.AsSpan(), 0, 1, keys));

        byte[][] payloads = [.. blocks.Select(block => encoder.Encode(block.Events.AsSpan(), block.Ranges.AsSpan(), 0, 1, keys))];
        SealedBlockDecoder decoder = new();
        LeafHasher hasher = new();
        byte[] leaves = new byte[Segment.MaxEvents * MerkleHash.SizeBytes];
        Part("verify", i =>
        {
            int count = decoder.HashLeaves(payloads[i], Tenant, keyring, 0, hasher, leaves);
            MerkleFrontier tree = new(0, []);
            tree.Append(leaves.AsSpan(0, count * MerkleHash.SizeBytes));
            tree.Root();
        });
        Part("decode", i => decoder.Decode(payloads[i], Tenant, keyring, 0));

        WordHashes words = new();
        SealedBlockEncoder[] encoded = [.. blocks.Select(block =>
        {
            SealedBlockEncoder one = new();
            one.Encode(block.Events.AsSpan(), block.Ranges.AsSpan(), 0, 1, keys);
            return one;
        })];
        Part("words", i => BloomFilter.Build(words.Collect(Tenant, keys, blocks[i].Events.AsSpan(), encoded[i].Values), 0));
        table.Add($"{what}: size", payloads.Average(p => p.Length) / (double)Segment.MaxEvents, "B/event");

        void Part(string name, Action<int> work)
        {
            if (only is not null && only != $"{what}: {name}")
            {
                return;
            }

            (double microseconds, double bytes) = Measure(work, only is null ? PartTime : 5 * PartTime);
            table.Add($"{what}: {name}", microseconds, "us/event", microseconds / brotli, "Brotli");
            table.Add($"{what}: {name}, allocated", bytes / 1024, "KiB/block");
        }
    }

    /// <summary>Best time an event and bytes allocated a block, of many passes: the first ones compile.</summary>
    private static (double Microseconds, double Bytes) Measure(Action<int> work, TimeSpan time)
    {
        double best = double.MaxValue, bytes = double.MaxValue;
        long began = Stopwatch.GetTimestamp();
        do
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            long started = Stopwatch.GetTimestamp();
            for (int i = 0; i < Blocks; i++)
            {
                work(i);
            }

            best = Math.Min(best, Stopwatch.GetElapsedTime(started).TotalMicroseconds / (Blocks * Segment.MaxEvents));
            bytes = Math.Min(bytes, (GC.GetAllocatedBytesForCurrentThread() - before) / (double)Blocks);
        }
        while (Stopwatch.GetElapsedTime(began) < time);

        return (best, bytes);
    }

    private static void Brotli(byte[] content)
    {
        byte[] compressed = new byte[BrotliEncoder.GetMaxCompressedLength(content.Length)];
        BrotliEncoder.TryCompress(content, compressed, out int written, 1, 20);
        BrotliDecoder.TryDecompress(compressed.AsSpan(0, written), content, out _);
    }

    private static byte[][] Rows(TenantKeys keys, EntryKind kind, int block)
    {
        var generator = new EventGenerator(block, StartNs);
        byte[] envelope = EnvelopeCodec.Write(new Envelope { Stream = "activity", Key = "k1", Receiver = kind == EntryKind.Log ? "otlp_http" : "events" });
        using SegmentEncoder encoder = new();
        List<byte[]> rows = [];
        for (int done = 0; done < Segment.MaxEvents;)
        {
            encoder.Begin(keys, StartNs + 10_000_000_000);
            int envelopeNo = encoder.AddEnvelope(envelope);
            int resource = kind == EntryKind.Log ? encoder.AddResource(EventGenerator.Resource()) : -1, scope = kind == EntryKind.Log ? encoder.AddScope(EventGenerator.Scope()) : -1;
            for (int n = 0; n < 1000 && done < Segment.MaxEvents; n++, done++)
            {
                encoder.Add(kind, envelopeNo, resource, scope, kind == EntryKind.Log ? generator.LogRecord() : generator.JsonEvent(), StartNs);
            }

            rows.Add(encoder.Finish().Payload.ToArray());
        }

        return [.. rows];

    }

    private static DecodedBlock Decode(byte[][] rows)
    {
        Keyring keyring = new(new TenantKeys(Tenant, 1, new byte[32]));
        byte[] payload = [.. rows.SelectMany(row => row)];
        return new SegmentDecoder().Decode(payload, Tenant, keyring, 0);
    }

    private sealed class Keyring(TenantKeys keys) : ITenantKeyring
    {
        public TenantKeys Current(TenantId tenant) => keys;

        public TenantKeys? Find(TenantId tenant, uint keyId) => keys;
    }
}
