using Muniment.Events;
using Muniment.Events.Blocks;
using Muniment.Journal.Storage;

namespace Muniment.Journal.Reading;

/// <summary>Goes from one block that may match to the next, in either direction, and starts to fetch and decode it. Used by one query.</summary>
internal sealed class BlockWalk(
    IStateDatabase database, BlockDecoders decoders, TenantDirectory directory, BlockSelector selector, TenantId tenant, SeqRange range, RowNeedles? needles, bool newestFirst, RecentBlocks? recent)
{
    private DirectoryView _view = DirectoryView.Empty;
    private long _from;
    private long _to;

    /// <summary>A block on its way.</summary>
    /// <param name="Entry">Which.</param>
    /// <param name="From">First seq that was left to walk.</param>
    /// <param name="To">One past the last.</param>
    /// <param name="Block">Null when its row is gone, because it was sealed meanwhile.</param>
    internal sealed record Step(BlockEntry Entry, long From, long To, Task<LoadedBlock?> Block);

    /// <summary>Sees what is committed now; what is appended later is not walked.</summary>
    public async ValueTask BeginAsync(CancellationToken cancellationToken)
    {
        _view = await directory.RefreshAsync(cancellationToken);
        _from = Math.Max(0, range.From);
        _to = Math.Min(range.To, _view.Size);
    }

    /// <summary>The next block that may match, or null at the end.</summary>
    public async ValueTask<Step?> NextAsync(CancellationToken cancellationToken)
    {
        while (_from < _to)
        {
            cancellationToken.ThrowIfCancellationRequested();
            BlockEntry? entry = newestFirst ? _view.AtOrBefore(_to - 1) : _view.AtOrAfter(_from);
            if (entry is null || entry.LastSeq < _from || entry.FirstSeq >= _to)
            {
                return null;
            }

            bool? match = await selector.MayMatchAsync(_view, entry, cancellationToken);
            if (match is null)
            {
                _view = await directory.RefreshAsync(cancellationToken);
                continue;
            }

            (long from, long to) = (_from, _to);
            if (newestFirst)
            {
                _to = entry.FirstSeq;
            }
            else
            {
                _from = entry.LastSeq + 1;
            }

            if (match == true)
            {
                return new Step(entry, from, to, Task.Run(() => LoadAsync(entry, from, to, cancellationToken), cancellationToken));
            }

            JournalInstruments.BlocksSkipped.Add(1);
        }

        return null;
    }

    /// <summary>Goes back to where a block was that is gone, with a fresh view. Later steps are void.</summary>
    /// <exception cref="JournalCorruptException">It is gone without having been sealed.</exception>
    public async ValueTask ReturnToAsync(Step step, CancellationToken cancellationToken)
    {
        DirectoryView seen = _view;
        _view = await directory.RefreshAsync(cancellationToken);
        if (ReferenceEquals(seen, _view) && _view.AtOrAfter(step.Entry.FirstSeq) == step.Entry)
        {
            throw new JournalCorruptException(
                JournalFault.Truncated, step.Entry.FirstSeq, 0, $"the row of tenant '{tenant}' is gone, though the log says it holds seq {step.Entry.FirstSeq} to {step.Entry.LastSeq}");
        }

        (_from, _to) = (step.From, step.To);
    }

    private async Task<LoadedBlock?> LoadAsync(BlockEntry entry, long from, long to, CancellationToken cancellationToken)
    {
        RecentBlocks.Key key = new(directory.TenantNo, entry.FirstSeq, entry.LastSeq);
        if (recent?.Find(key) is { } known)
        {
            return new LoadedBlock(null, known, null);
        }

        StoredPayload? stored = await database.ReadAsync(
            connection => entry.IsSealed ? StoredPayload.Fetch(connection, directory.TenantNo, entry.FirstSeq) : StoredPayload.FetchCommitted(connection, directory.TenantNo, entry.FirstSeq),
            cancellationToken);
        if (stored is null)
        {
            return null;
        }

        if (entry.IsSealed && needles is not null)
        {
            return decoders.Select(tenant, stored, entry, from, to, needles);
        }

        using (stored)
        {
            if (recent is null)
            {
                return new LoadedBlock(decoders.Decode(tenant, stored.Bytes, entry.FirstSeq), null, null);
            }

            SharedBlock block = decoders.DecodeShared(tenant, stored.Bytes, entry.FirstSeq);
            recent.Add(key, block);
            return new LoadedBlock(null, block, null);
        }
    }
}
