using Muniment.Delivery.Batches;
using Muniment.Delivery.Machine;

namespace Muniment.Delivery.Running;

/// <content>The loop: what is at hand is planned and stored, what is stored is sent, then it waits for whatever comes first.</content>
public sealed partial class DestinationRunner
{
    private async Task RunAsync()
    {
        RunnerEnd end = new(RunnerEndKind.Stopped, null);
        try
        {
            while (!_stop.IsCancellationRequested && !_deleted)
            {
                await AdvanceAsync().ConfigureAwait(false);
                await WaitAsync(NextWait()).ConfigureAwait(false);
                while (_messages.Reader.TryRead(out Func<ValueTask>? message))
                {
                    await message().ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // stopped
        }
        catch (FencedException)
        {
            _services.Instruments.Fenced();
            end = new RunnerEnd(RunnerEndKind.Fenced, null);
        }
        catch (Exception exception)
        {
            _services.Instruments.Faulted();
            end = new RunnerEnd(RunnerEndKind.Faulted, exception);
        }

        await _stop.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_children).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _messages.Writer.TryComplete();
        while (_messages.Reader.TryRead(out Func<ValueTask>? late))
        {
            try
            {
                await late().ConfigureAwait(false); // commands that wait learn that it is over
            }
            catch (Exception exception) when (exception is FencedException or OperationCanceledException)
            {
                // over
            }
        }

        foreach (Batch batch in _batches.Values.Concat(_stale))
        {
            batch.Dispose();
        }

        DropReady();
        await _sender.RetireAsync().ConfigureAwait(false);
        _completion.TrySetResult(end);
    }

    private async ValueTask AdvanceAsync()
    {
        await ExpireOldAsync().ConfigureAwait(false);
        if (_machine.MayAct() is not null)
        {
            await ReadSizeAsync().ConfigureAwait(false);
            if (_machine.Backlog(_size) is { } backlog)
            {
                _machine.Split(backlog, await _source.DeniedWithinAsync(backlog.From, backlog.To, _stop.Token).ConfigureAwait(false));
            }

            TakeReady(mayPlan: true);
            CoverIdle();
            StartRebuilds();
            StartBuild(); // goes on while what was taken is written down
            if (_machine.IsDirty)
            {
                _services.Failpoint(DeliveryFailpoints.BeforePlan);
                await SaveAsync().ConfigureAwait(false);
                _services.Failpoint(DeliveryFailpoints.AfterPlan);
            }

            await StartRequestsAsync().ConfigureAwait(false);
            StartBuild();
        }
        else
        {
            if (_machine.IsDirty)
            {
                await SaveAsync().ConfigureAwait(false);
            }

            if (_machine.Expires)
            {
                await ReadSizeAsync().ConfigureAwait(false);
                TakeReady(mayPlan: false);
                StartBuild(); // of what is left out; it needs no request
            }
        }

        Say();
    }

    private async ValueTask ReadSizeAsync()
    {
        long now = _time.GetTimestamp();
        if (Interlocked.Exchange(ref _kicked, 0) == 1 || _time.GetElapsedTime(_sizeRead, now) >= _services.Sweep)
        {
            _size = await _source.SizeAsync(_stop.Token).ConfigureAwait(false);
            _sizeRead = now;
        }
    }

    private void TakeReady(bool mayPlan)
    {
        if (mayPlan && _machine.MayPlan && _machine.PlanReplay() is not null)
        {
            return; // built like a plan after a restart
        }

        // What held nothing needs no free request.
        while (_ready.TryPeek(out ReadyBatch? ready) && ((mayPlan && _machine.MayPlan) || ready.Batch.Items.Count == 0))
        {
            _ready.Dequeue();
            LaneState? lane = _machine.State.Lanes.Find(l => l.Name == ready.Lane);
            bool holds = lane is not null && ready.Version == _machine.Version && ready.Request.FirstN == _machine.State.NextN && ready.Request.Epoch == _machine.State.Epoch;
            if (holds && _machine.Plan(lane!, ready.Batch) is { } plan)
            {
                _batches[plan.Id] = ready.Batch;
                continue;
            }

            holds &= ready.Batch.Items.Count == 0;
            ready.Batch.Dispose();
            if (!holds)
            {
                DropReady(); // what follows begins where this one would have ended
            }
        }
    }

    private void DropReady()
    {
        while (_ready.TryDequeue(out ReadyBatch? ready))
        {
            ready.Batch.Dispose();
        }
    }

    private void CoverIdle()
    {
        if (_time.GetElapsedTime(_covered) < CoverInterval)
        {
            return;
        }

        _covered = _time.GetTimestamp();
        foreach (LaneState lane in _machine.State.Lanes)
        {
            _machine.Cover(lane);
        }
    }

    private TimeSpan NextWait()
    {
        if (_machine.MayAct() is not { } when)
        {
            return MayExpire ? AgeInterval : Timeout.InfiniteTimeSpan;
        }

        TimeSpan wait = _quietSince is null ? _services.Sweep : Quiet;
        TimeSpan until = when - _time.GetUtcNow();
        if (until > TimeSpan.Zero)
        {
            return until < wait ? until : wait;
        }

        foreach (long since in _newsSince.Values)
        {
            TimeSpan left = TimeSpan.FromMilliseconds(_machine.Config.Batch.MaxAgeMs) - _time.GetElapsedTime(since);
            if (left > TimeSpan.Zero && left < wait)
            {
                wait = left;
            }
        }

        return wait;
    }

    private async ValueTask WaitAsync(TimeSpan wait)
    {
        if (_messages.Reader.TryPeek(out _))
        {
            return;
        }

        // The clock knocks at the same door: waiting for two things at once took three changes of threads a batch.
        using ITimer? clock = wait == Timeout.InfiniteTimeSpan ? null
            : _time.CreateTimer(static runner => ((DestinationRunner)runner!).Post(static () => ValueTask.CompletedTask), this, wait, Timeout.InfiniteTimeSpan);
        await _messages.Reader.WaitToReadAsync(_stop.Token).ConfigureAwait(false);
    }
}
