using System.Collections.Immutable;
using Muniment.Events.Administration;

namespace Muniment.Grains.Administration;

/// <summary>
/// Sees to it that a change and its admin event stand or fall together although they lie in different places:
/// <code>
/// change + entry, one write ─► recorded in the journal ─► answered
///                    ▲                └─► entry forgotten
///                    └ at the next change, every few seconds and after a restart: whatever is left
/// </code>
/// The owner stores the entries with its own state. While one is left it takes no further change, so there are never more than a few. Belongs to one activation;
/// draining twice at once records each entry once, because the journal knows its id.
/// </summary>
/// <param name="recorder">Where events go.</param>
/// <param name="pending">The entries that are stored, oldest first.</param>
/// <param name="forget">Stores that these entries, by their ids, stand in the journal.</param>
internal sealed class AdminOutbox(IAdminRecorder recorder, Func<Task<ImmutableArray<OutboxEntry>>> pending, Func<ImmutableArray<string>, Task> forget) : IDisposable
{
    /// <summary>How often what is left is tried again.</summary>
    public static readonly TimeSpan RetryEvery = TimeSpan.FromSeconds(2);

    private IGrainTimer? _timer;

    /// <summary>Records what is pending, in order, up to the first that cannot be.</summary>
    /// <returns>Whether nothing is left.</returns>
    public async Task<bool> DrainAsync()
    {
        ImmutableArray<OutboxEntry> entries = await pending();
        int done = 0;
        while (done < entries.Length && await recorder.RecordAsync(entries[done]))
        {
            done++;
        }

        if (done > 0)
        {
            await forget([.. entries.Take(done).Select(entry => entry.Id)]);
        }

        return done == entries.Length;
    }

    /// <summary>Tries again at once and then from time to time, until nothing is left. For the begin of an activation and after a failure.</summary>
    public void RetryLater(IGrainBase grain, TimeSpan first) =>
        _timer ??= grain.RegisterGrainTimer(
            async _ =>
            {
                if (await DrainAsync())
                {
                    Dispose();
                }
            },
            new GrainTimerCreationOptions(first, RetryEvery) { Interleave = false });

    /// <inheritdoc/>
    public void Dispose()
    {
        _timer?.Dispose();
        _timer = null;
    }
}
