using System.Collections.Concurrent;
using Muniment.Events;
using Muniment.Events.Blocks;
using Muniment.Events.Blocks.Sealed;
using Muniment.Events.Keys;
using Muniment.Trust.Merkle;

namespace Muniment.Journal.Sealing;

/// <summary>
/// Reads a new block as a reader will, hashes its leaves again, and compares the tree with what the commit wrote. Of one block at a time; on a thread of its own when sealing is
/// urgent, because the next block can be made meanwhile. Its buffers belong to whichever thread verifies the one block.
/// </summary>
internal sealed class BlockVerifier : IDisposable
{
    private const int LeavesAtOnce = 512;

    private readonly ITenantKeyring _keyring;
    private readonly SealedBlockDecoder _decoder = new();
    private readonly LeafHasher _hasher = new();
    private readonly byte[] _leaves = new byte[Segment.MaxEvents * MerkleHash.SizeBytes];
    private readonly BlockingCollection<Task> _work = [];
    private readonly Thread _thread;

    public BlockVerifier(ITenantKeyring keyring)
    {
        _keyring = keyring;
        _thread = new Thread(Run) { IsBackground = true, Name = "journal-verifier" };
        _thread.Start();
    }

    /// <summary>
    /// Merkle peaks after a block, given those before it; the task fails with <see cref="JournalCorruptException"/> when the block does not give the root that was committed. The caller
    /// begins no other one before it has the answer. Unless it is to be <paramref name="beside"/>, on the other thread, it is done now.
    /// </summary>
    public Task<byte[]> Begin(TenantId tenant, SealedBlockRow block, byte[] peaksBefore, bool beside)
    {
        Task<byte[]> verified = new(() => Verify(tenant, block, peaksBefore));
        if (beside)
        {
            _work.Add(verified);
        }
        else
        {
            verified.RunSynchronously();
        }

        return verified;
    }

    public void Dispose()
    {
        _work.CompleteAdding();
        _thread.Join();
        _work.Dispose();
        _decoder.Dispose();
    }

    private void Run()
    {
        foreach (Task verified in _work.GetConsumingEnumerable())
        {
            verified.RunSynchronously();
        }
    }

    private byte[] Verify(TenantId tenant, SealedBlockRow block, byte[] peaksBefore)
    {
        ReadOnlyMemory<byte> payload = block.Payload.Bytes;
        int count = _decoder.HashLeaves(payload, tenant, _keyring, block.FirstSeq, _hasher, _leaves);
        if (count == 0)
        {
            DecodedBlock decoded = _decoder.Decode(payload, tenant, _keyring, block.FirstSeq);
            count = decoded.Events.Length;
            _hasher.Hash(decoded.Events.AsSpan(), decoded.Ranges.AsSpan(), tenant, _keyring, _leaves);
        }

        MerkleFrontier tree = new(block.FirstSeq, peaksBefore);
        for (int done = 0; done < count; done += LeavesAtOnce)
        {
            // A few at a time: the tree takes as much room again.
            tree.Append(_leaves.AsSpan(done * MerkleHash.SizeBytes, Math.Min(LeavesAtOnce, count - done) * MerkleHash.SizeBytes));
        }

        if (tree.Size != block.LastSeq + 1 || !tree.Root().AsSpan().SequenceEqual(block.Root))
        {
            throw new JournalCorruptException(JournalFault.Content, block.FirstSeq, 0, "the sealed block does not give the root that was committed; the commit blocks are kept");
        }

        return tree.Peaks();
    }
}
