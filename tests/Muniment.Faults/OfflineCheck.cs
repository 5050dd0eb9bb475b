using Microsoft.Extensions.Logging.Abstractions;
using Muniment.Events;
using Muniment.Events.Blocks;
using Muniment.Journal;
using Muniment.Journal.Storage;
using Muniment.Trust.Merkle;

namespace Muniment.Faults;

/// <summary>Opens the data directory while no platform runs, decodes every block and makes the Merkle root again from the records themselves.</summary>
internal static class OfflineCheck
{
    public static async Task RunAsync(string directory, int atLeast)
    {
        await using JournalStore store = await JournalStore.OpenAsync(new JournalOptions { DataDirectory = directory }, new Failure(), NullLoggerFactory.Instance);
        JournalHead head = await store.Writer.AcquireAsync(TenantId.Default, CancellationToken.None);
        if (head.Size < atLeast)
        {
            throw new FaultException($"the log has {head.Size} entries, {atLeast} were seen before");
        }

        var tree = new MerkleFrontier();
        var hasher = new LeafHasher();
        await foreach (JournalBlock block in store.Reader.ReadAsync(TenantId.Default, SeqRange.All, BlockFilter.None, newestFirst: false, CancellationToken.None))
        {
            if (block.FirstSeq != tree.Size)
            {
                throw new FaultException($"a block begins at seq {block.FirstSeq} where {tree.Size} is due");
            }

            byte[] leaves = new byte[block.Events.Count * 32];
            hasher.Hash([.. block.Events], block.Ranges.AsSpan(), TenantId.Default, store.Keyring, leaves);
            tree.Append(leaves);
        }

        if (tree.Size != head.Size)
        {
            throw new FaultException($"{tree.Size} events can be read, the log says {head.Size}");
        }

        if (!tree.Peaks().AsSpan().SequenceEqual(head.Peaks.AsSpan()))
        {
            throw new FaultException("the Merkle root made from the records is not the one that was committed");
        }
    }

    private sealed class Failure : IJournalFailure
    {
        public void Fatal(string reason, Exception? exception) => throw new FaultException("storage failed: " + reason);
    }
}
