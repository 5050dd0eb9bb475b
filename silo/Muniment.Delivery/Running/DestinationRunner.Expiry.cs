using Muniment.Delivery.Batches;

namespace Muniment.Delivery.Running;

/// <content>Letting go: by age, or because the log is to be shortened.</content>
public sealed partial class DestinationRunner
{
    /// <summary>How often the age of the oldest undelivered event is looked at, and how long a notice that could not be written waits.</summary>
    public static readonly TimeSpan AgeInterval = TimeSpan.FromSeconds(30);

    private long? _ageChecked;

    /// <summary>
    /// The log is to be shortened to begin at <paramref name="before"/>. Under <c>on_full: expire</c> what is undelivered before it is left out; under <c>hold</c> nothing changes.
    /// Answers the lowest seq that is still needed here: nothing from it on may go yet. Asked again until it is high enough.
    /// </summary>
    public Task<long> ReleaseAsync(long before, CancellationToken cancellationToken) => AskAsync(async () =>
    {
        await ExpireAsync(before).ConfigureAwait(false);
        await SettledAsync().ConfigureAwait(false);
        return Math.Min(before, _machine.Position());
    }, cancellationToken);

    private bool MayExpire => _machine.Config.OnFull == "expire";

    private async ValueTask ExpireAsync(long before)
    {
        if (!MayExpire || !_machine.Expire(before, p => _batches.GetValueOrDefault(p.Id)))
        {
            return;
        }

        DropReady();
        Release();
        await SaveAsync().ConfigureAwait(false);
    }

    private async ValueTask ExpireOldAsync()
    {
        if (!MayExpire || _services.MaxBacklogAge is not { } age || (_ageChecked is { } last && _time.GetElapsedTime(last) < AgeInterval))
        {
            return;
        }

        _ageChecked = _time.GetTimestamp();
        long size = await _source.SizeAsync(_stop.Token).ConfigureAwait(false);
        long oldest = (_time.GetUtcNow() - age - DateTimeOffset.UnixEpoch).Ticks * 100;
        long low = _machine.Position(), high = size;
        if (low >= high || !await IsOlderAsync(low, size, oldest).ConfigureAwait(false))
        {
            return;
        }

        // The first one that is young enough; what was received later has a higher seq.
        while (low < high)
        {
            long middle = low + ((high - low) / 2);
            if (await IsOlderAsync(middle, size, oldest).ConfigureAwait(false))
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        await ExpireAsync(low).ConfigureAwait(false);
    }

    /// <summary>
    /// Whether the entry is too old. One that is gone is as old as the next that is there, so that nothing young is given up for a gap behind it; where none can be seen up to
    /// <paramref name="size"/>, nothing is known, and nothing is given up.
    /// </summary>
    private async ValueTask<bool> IsOlderAsync(long seq, long size, long receivedNs)
    {
        foreach (long to in (long[])[seq + 1, size])
        {
            await foreach (SourceBlock block in _source.ReadAsync(seq, to, _stop.Token).ConfigureAwait(false))
            {
                if (block.Events.Count > 0)
                {
                    return block.Events[0].ReceivedNs < receivedNs;
                }
            }
        }

        return false;
    }
}
