using Muniment.Events;
using Muniment.Events.Blocks;

namespace Muniment.Journal.Sealing;

/// <summary>
/// The blocks of one round on their way: while one is made, the one before it is verified (beside that, when sealing is urgent) and the one before that is written, which waits for its
/// turn among the appends. The <paramref name="peaks"/> are those before the first block; <paramref name="write"/> begins to write a verified block, false in the end when another writer
/// took over; <paramref name="kept"/> is called for each block once it is durable. Used by the thread that seals.
/// </summary>
internal sealed class SealingRound(TenantId tenant, BlockVerifier verifier, bool beside, byte[] peaks, Func<SealedBlockRow, Task<bool>> write, Action<SealedBlockRow> kept) : IDisposable
{
    private byte[] _peaks = peaks;
    private Stage<byte[]>? _checking;
    private Stage<bool>? _writing;

    /// <summary>The youngest block on its way.</summary>
    public SealedBlockRow? Last => _checking?.Row ?? _writing?.Row;

    /// <summary>Each block goes a step further, and the next one, which belongs to the round from now on, begins. False when another writer took over.</summary>
    /// <exception cref="JournalCorruptException">A block does not give the root that was committed.</exception>
    public bool Advance(SealedBlockRow? next)
    {
        bool goesOn = false;
        try
        {
            goesOn = FinishWriting();
            if (goesOn)
            {
                FinishChecking();
                _checking = next is null ? null : new Stage<byte[]>(next, verifier.Begin(tenant, next, _peaks, beside));
                next = null;
            }
        }
        finally
        {
            next?.Dispose();
        }

        return goesOn;
    }

    /// <summary>Gives the memory of the blocks back, once nothing reads it any more.</summary>
    public void Dispose()
    {
        _checking?.Dispose();
        _writing?.Dispose();
    }

    private bool FinishWriting()
    {
        using Stage<bool>? written = _writing;
        _writing = null;
        if (written?.Task.GetAwaiter().GetResult() == false)
        {
            return false;
        }

        if (written is not null)
        {
            kept(written.Row);
        }

        return true;
    }

    private void FinishChecking()
    {
        if (_checking is not { } verified)
        {
            return;
        }

        _checking = null;
        try
        {
            verified.Row.Peaks = _peaks = verified.Task.GetAwaiter().GetResult();
        }
        catch
        {
            verified.Dispose();
            throw;
        }

        _writing = new Stage<bool>(verified.Row, write(verified.Row));
    }

    private sealed record Stage<T>(SealedBlockRow Row, Task<T> Task) : IDisposable
    {
        public void Dispose()
        {
            ((IAsyncResult)Task).AsyncWaitHandle.WaitOne(); // how it ended does not matter here
            Row.Dispose();
        }
    }
}
