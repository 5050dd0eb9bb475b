using System.Text;
using Muniment.Delivery.Batches;
using Muniment.Events;
using Muniment.Grains.Destinations;
using Muniment.Messages.Journal;
using Muniment.Trust.Merkle;

namespace Muniment.Cluster.Tests.Platform;

/// <summary>Whether a log is what its senders were told.</summary>
internal static class LogCheck
{
    /// <summary>
    /// Every acknowledged event stands once, under the number that was told, and nothing else stands there; numbers are dense from 0; the grain's root is the Merkle root of
    /// the leaves that the senders made; what is read back has the same leaves; and along the log the epoch never goes down. Returns the size.
    /// </summary>
    public static async Task<long> HoldsExactlyAsync(PlatformStore store, IGrainFactory grains, TenantId tenant, IEnumerable<Acknowledged> acknowledged)
    {
        MerkleFrontier told = new();
        List<string> records = [];
        foreach (Acknowledged one in acknowledged.OrderBy(a => a.Result.FirstSeq))
        {
            Assert.True(one.Result.FirstSeq == told.Size, $"{one.Request.Label} ({one.Result.Status}, attempt {one.Attempts}) got {one.Result.FirstSeq} where {told.Size} comes next");
            Assert.Equal(one.Request.Segment.Count, one.Result.LastSeq - one.Result.FirstSeq + 1);
            told.Append(one.Request.Segment.Leaves.Span);
            records.AddRange(Enumerable.Range(0, one.Request.Segment.Count).Select(one.Request.Record));
        }

        JournalStatus status = await grains.GetGrain<IJournalGrain>(tenant.Value).GetStatus();
        Assert.Equal(told.Size, status.Size);
        Assert.Equal(Convert.ToHexString(told.Root()), Convert.ToHexString(status.Root.Span));
        Assert.Equal(0, status.QueuedBytes);
        await ReadsBackAsync(store, tenant, records, told);
        EpochsOnlyRise(store, tenant, told.Size);
        return told.Size;
    }

    private static async Task ReadsBackAsync(PlatformStore store, TenantId tenant, List<string> records, MerkleFrontier told)
    {
        MerkleFrontier read = new();
        JournalEventSource source = new(store.Journal.Reader, tenant);
        await foreach (SourceBlock block in source.ReadAsync(0, long.MaxValue, CancellationToken.None))
        {
            for (int i = 0; i < block.Events.Count; i++)
            {
                long seq = read.Size + i;
                Assert.Equal(seq, block.Events[i].Seq);
                Assert.Equal(records[(int)seq], Encoding.UTF8.GetString(block.Events[i].Record.Span));
            }

            Assert.Equal(block.Events.Count * MerkleHash.SizeBytes, block.Leaves.Length);
            read.Append(block.Leaves.Span);
        }

        Assert.Equal(told.Size, read.Size);
        Assert.Equal(told.Root(), read.Root());
    }

    private static void EpochsOnlyRise(PlatformStore store, TenantId tenant, long size)
    {
        (long next, long epoch) = (0, 0);
        foreach (RecordingWriter.Commit commit in store.Commits.Of(tenant))
        {
            Assert.Equal(next, commit.From);
            Assert.True(commit.Epoch >= epoch, $"epoch {commit.Epoch} wrote from {commit.From}, after epoch {epoch}");
            (next, epoch) = (commit.To, commit.Epoch);
        }

        Assert.Equal(size, next);
    }
}
