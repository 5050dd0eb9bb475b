using Muniment.Delivery.Batches;
using Muniment.Delivery.Kinds;
using Muniment.Delivery.Machine;
using Muniment.Delivery.Outcomes;

namespace Muniment.Delivery.Running;

/// <content>The work that goes to the pool: building the next batch, building a stored plan again, sending.</content>
public sealed partial class DestinationRunner
{
    private void StartRebuilds()
    {
        foreach (PlanState plan in _machine.State.Plans)
        {
            if (Holds(plan) || !_rebuilding.Add(plan.Id))
            {
                continue;
            }

            BatchRequest request = _machine.RequestOf(plan, ConfigOf);
            int shape = plan.ShapeVersion;
            Spawn(async () =>
            {
                Batch batch = await _builder.BuildAsync(request, _stop.Token).ConfigureAwait(false);
                Post(() =>
                {
                    _rebuilding.Remove(plan.Id);
                    if (plan.ShapeVersion != shape || batch.Cuts != plan.Cut.Count || !_machine.State.Plans.Contains(plan))
                    {
                        batch.Dispose();
                        return ValueTask.CompletedTask;
                    }

                    _batches[plan.Id] = batch;
                    _machine.Built(plan, batch);
                    Release();
                    return ValueTask.CompletedTask;
                });
            });
        }
    }

    /// <summary>Whether a plan's batch is at hand, as the plan wants it now.</summary>
    private bool Holds(PlanState plan) => _batches.TryGetValue(plan.Id, out Batch? batch) && batch.Cuts == plan.Cut.Count;

    private async ValueTask StartRequestsAsync()
    {
        foreach ((PlanState plan, UnitState unit) in _machine.TakeRequests(Holds))
        {
            Batch batch = _batches[plan.Id];
            SenderLease lease = _sender;
            IDestinationSender sender = lease.Take();
            string kind = _machine.Config.Kind;
            if (_services.SettleBeforeSend)
            {
                await SettleBeforeSendAsync(plan, unit, batch, lease, sender).ConfigureAwait(false);
                continue;
            }

            Spawn(async () =>
            {
                BatchSlice slice = new(batch, unit.Group, unit.From, unit.To);
                long started = _time.GetTimestamp();
                DeliveryOutcome outcome = await SendAsync(sender, slice).ConfigureAwait(false);
                TimeSpan took = _time.GetElapsedTime(started);
                _services.Instruments.Answered(kind, outcome.Kind, slice.Count, slice.SizeBytes, took);
                Post(async () =>
                {
                    _services.Failpoint(DeliveryFailpoints.AfterSend);
                    int buried = _machine.Pending.DeadLetters.Count;
                    _machine.Answer(plan, unit, batch, outcome, took);
                    if (_machine.State.Plans.Contains(plan) && !Holds(plan) && _batches.Remove(plan.Id, out Batch? uncut))
                    {
                        uncut.Dispose(); // the only request for it has just ended
                    }

                    if (_stale.Remove(batch))
                    {
                        batch.Dispose();
                    }

                    buried = _machine.Pending.DeadLetters.Count - buried;
                    if (buried > 0)
                    {
                        _services.Instruments.Buried(kind, buried);
                    }

                    Release();
                    await lease.ReturnAsync().ConfigureAwait(false);
                });
            });
        }
    }

    /// <summary>Sends under <see cref="DeliveryServices.SendLimit"/>, whatever limits the kind has itself.</summary>
    private async Task<DeliveryOutcome> SendAsync(IDestinationSender sender, BatchSlice slice)
    {
        using CancellationTokenSource limit = new(_services.SendLimit, _time);
        using CancellationTokenSource both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _stop.Token);
        try
        {
            return await sender.SendAsync(slice, both.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (!_stop.IsCancellationRequested && (exception is OperationCanceledException || limit.IsCancellationRequested))
        {
            // What is cancelled may fail in another way: a connection that is cut under a library shows as that library's error.
            return HttpOutcome.OfException(exception as OperationCanceledException ?? new OperationCanceledException());
        }
    }

    /// <summary>The seeded mistake: the position moves, then the request goes out and its answer is not looked at. The batch's memory is given up.</summary>
    private async ValueTask SettleBeforeSendAsync(PlanState plan, UnitState unit, Batch batch, SenderLease lease, IDestinationSender sender)
    {
        _machine.Answer(plan, unit, batch, DeliveryOutcome.Delivered("not sent yet"));
        await SaveAsync().ConfigureAwait(false);
        Spawn(async () =>
        {
            await sender.SendAsync(new BatchSlice(batch, unit.Group, unit.From, unit.To), _stop.Token).ConfigureAwait(false);
            Post(lease.ReturnAsync);
        });
    }

    /// <summary>Most batches that wait to be planned.</summary>
    private const int MaxAhead = 2;

    /// <summary>A batch over this size is the only one that waits.</summary>
    private const int MaxAheadBytes = 4 << 20;

    private void StartBuild()
    {
        if (_building || NextBatch() is not var (lane, request))
        {
            return;
        }

        _building = true;
        _newsSince.Remove(lane.Name);
        int version = _machine.Version;
        Spawn(async () =>
        {
            Batch batch = await _builder.BuildAsync(request, _stop.Token).ConfigureAwait(false);
            Post(() =>
            {
                _building = false;
                if (request.ExpireBefore != _machine.State.ExpireBefore)
                {
                    batch.Dispose(); // made before what it begins with was given up
                    return ValueTask.CompletedTask;
                }

                if (batch.Last < batch.First)
                {
                    _quietSince = _time.GetTimestamp(); // the size is known and the entries are not visible yet
                    batch.Dispose();
                    return ValueTask.CompletedTask;
                }

                _fill.Built(batch);
                _ready.Enqueue(new ReadyBatch(lane.Name, request, version, batch));
                return ValueTask.CompletedTask;
            });
        });
    }

    /// <summary>Entries that fill the next request.</summary>
    private long FullRequest => _fill.Entries(_machine.RequestBytes, _machine.Config.Batch.MaxEvents);

    /// <summary>What to build next: while one batch waits for its turn, under <c>strict</c> the one behind it too, so that a backlog is built without pauses.</summary>
    private (LaneState Lane, BatchRequest Request)? NextBatch()
    {
        if (_ready.Count == 0)
        {
            return NextLane() is { } next ? (next, _machine.RequestOf(next, _size)) : null;
        }

        ReadyBatch last = _ready.Last();
        if (_ready.Count >= MaxAhead || !_machine.Config.Strict || !last.Batch.Full || last.Version != _machine.Version || last.Batch.Bytes.Length > MaxAheadBytes
            || _machine.State.Lanes.Find(l => l.Name == last.Lane) is not { } lane)
        {
            return null;
        }

        BatchRequest request = _machine.RequestOf(lane, _size) with { From = last.Batch.Last + 1, FirstN = last.Request.FirstN + last.Batch.Items.Count };
        return request.To - request.From >= FullRequest ? (lane, request) : null;
    }

    /// <summary>The lane to read next; none while waiting for a fuller batch.</summary>
    private LaneState? NextLane()
    {
        if (_quietSince is { } quiet && _time.GetElapsedTime(quiet) < Quiet)
        {
            return null;
        }

        _quietSince = null;
        return _machine.NextLane(_size, Waits);
    }

    private bool Waits(LaneState lane, long waiting)
    {
        long now = _time.GetTimestamp();
        _newsSince.TryAdd(lane.Name, now);
        if (waiting >= FullRequest || lane.To is not null)
        {
            return false;
        }

        bool young = _time.GetElapsedTime(_newsSince[lane.Name], now) < TimeSpan.FromMilliseconds(_machine.Config.Batch.MaxAgeMs);
        return young || _machine.State.Plans.Count >= _machine.Concurrency;
    }
}
