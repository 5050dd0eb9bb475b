using Muniment.Delivery.Machine;

namespace Muniment.Delivery.Running;

/// <content>
/// Saying in the tenant's log what happens to the destination by itself. Tried until it is written; the numbers tell a repeat from news. A destination never gets the notices about
/// its own holds (<see cref="Batches.EventSelection"/>), so that none feeds itself.
/// </content>
public sealed partial class DestinationRunner
{
    /// <summary>Between two notices of a sort about a destination that goes on losing events, or is held again and again.</summary>
    public static readonly TimeSpan NoticeInterval = TimeSpan.FromMinutes(10);

    private DateTimeOffset _sayAfter;
    private DateTimeOffset _sayHoldAfter;
    private bool _saying;

    private void Say()
    {
        if (_services.Report is not { } report || _saying)
        {
            return;
        }

        DestinationState state = _machine.State;
        DateTimeOffset now = _time.GetUtcNow();
        if (state.Expired > state.ExpiredSaid && !_machine.Expires && now >= _sayAfter)
        {
            long expired = state.Expired;
            DeliveryNotice notice = new(_row.Tenant, _row.Id, expired - state.ExpiredSaid, expired, state.ExpireBefore, _machine.Position(), state.Incarnation);
            Tell(report, notice, (written, at) =>
            {
                _sayAfter = at + (written ? NoticeInterval : AgeInterval);
                if (written)
                {
                    _machine.Said(expired);
                }
            });
            return;
        }

        ReasonState? held = state.Reason is { Holds: true } reason ? reason : null;
        bool begins = held is not null && state.HoldSaid is null;
        bool ends = held is null && state.HoldSaid < state.LastSuccess; // an attempt on command ends nothing before something is taken
        if ((begins || ends) && now >= _sayHoldAfter)
        {
            DateTimeOffset since = held?.Since ?? state.HoldSaid!.Value;
            DeliveryNotice notice = new(_row.Tenant, _row.Id, 0, 0, 0, _machine.Position(), state.Incarnation) { Hold = new HoldNotice(since, held) };
            Tell(report, notice, (written, at) =>
            {
                // That a hold is over may be told at once; the next hold waits.
                _sayHoldAfter = written ? held is null ? at + NoticeInterval : at : at + AgeInterval;
                if (written)
                {
                    _machine.SaidHold(held?.Since);
                }
            });
        }
    }

    private void Tell(Func<DeliveryNotice, CancellationToken, Task<bool>> report, DeliveryNotice notice, Action<bool, DateTimeOffset> told)
    {
        _saying = true;
        Spawn(async () =>
        {
            bool written = false;
            try
            {
                written = await report(notice, _stop.Token).ConfigureAwait(false);
            }
            catch (Exception) when (!_stop.IsCancellationRequested)
            {
                // Told again: the numbers are stored, and the log knows a repeat.
            }

            Post(() =>
            {
                _saying = false;
                told(written, _time.GetUtcNow());
                return ValueTask.CompletedTask;
            });
        });
    }
}
