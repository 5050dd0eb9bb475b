using System.Collections.Immutable;
using System.Text.Json;
using Muniment.Delivery.Batches;
using Muniment.Delivery.Configuration;
using Muniment.Delivery.Machine;
using Muniment.Delivery.Outcomes;
using Muniment.Delivery.Tests.Fakes;

namespace Muniment.Delivery.Tests.Machine;

/// <summary>
/// Plays machine, store, log and destination in one thread under a seed. The process dies at any of the places where it could, and goes on from what was stored. The
/// destination takes, refuses, takes without telling, finds poison, or wants smaller requests.
/// </summary>
internal sealed class Simulation
{
    private readonly Random _random;
    private readonly ManualTime _time;
    private readonly BatchBuilder _builder;
    private readonly Dictionary<long, Batch> _batches = [];
    private readonly Dictionary<int, DestinationConfig> _configs = [];
    private DestinationConfig _config;
    private DestinationMachine _machine;
    private byte[] _stored;
    private (int Version, DestinationConfig Config) _storedConfig;
    private readonly List<Flight> _flying = [];
    private (string Lane, int Version, BatchRequest Request, Batch Batch)? _ahead;
    private readonly long _splitAfter;

    public Simulation(int seed, DestinationConfig config, long start = 0, ManualTime? time = null, FakeSource? source = null, long splitAfter = DestinationMachine.BacklogThreshold)
    {
        _time = time ?? new ManualTime();
        Source = source ?? new FakeSource();
        _random = new Random(seed);
        _splitAfter = splitAfter;
        _config = config;
        _builder = Fixtures.Builder(Source);
        _stored = DestinationMachine.Begin(start).Write();
        _storedConfig = (1, config);
        _configs[1] = config;
        _machine = Load();
    }

    public FakeSource Source { get; }
    public bool Dead { get; set; }
    /// <summary>Whether the destination takes parts of requests, which is the end of order.</summary>
    public bool Partials { get; init; }
    /// <summary>Whether every event of every request is refused by itself.</summary>
    public bool RefusesItems { get; set; }
    /// <summary>Whether they are counted and not named.</summary>
    public bool Unnamed { get; init; }
    /// <summary>Whether every request is taken in part only.</summary>
    public bool OnlyParts { get; init; }
    public TimeSpan Tick { get; init; } = TimeSpan.FromMilliseconds(10);
    /// <summary>Whether a wait is jumped over; false when several share one clock.</summary>
    public bool Jumps { get; init; } = true;
    public Func<int, TimeSpan> Latency { get; init; } = _ => TimeSpan.FromMilliseconds(10);
    public int Capacity { get; init; } = int.MaxValue;
    public int MostFlying { get; private set; }
    public int Flying => _flying.Count;
    public ManualTime Time => _time;
    public HashSet<long> Poison { get; } = [];
    public int MaxBytes { get; set; } = int.MaxValue;
    public int MaxRequest { get; set; } = int.MaxValue;
    public double FaultRate { get; set; }
    public double CrashRate { get; set; }
    public bool NamesTheBadOne { get; set; }
    public List<(long Seq, long Epoch, long N, byte[] Bytes)> Arrived { get; } = [];
    public List<Receipt> Receipts { get; } = [];
    public Dictionary<long, DeadLetter> DeadLetters { get; } = [];
    public HashSet<(long Epoch, long N)> EverDead { get; } = [];
    public int Requests { get; private set; }
    public int Crashes { get; private set; }
    public long PossibleDuplicates { get; private set; }
    public DestinationMachine Machine => _machine;

    public async Task RunAsync(int steps)
    {
        for (int i = 0; i < steps; i++)
        {
            try
            {
                await StepAsync();
            }
            catch (CrashException)
            {
                Crashes++;
                PossibleDuplicates += _flying.Sum(f => f.Unit.To - f.Unit.From);
                _flying.Clear();
                _ahead = null;
                _machine = Load();
                _batches.Clear();
            }
        }
    }

    /// <summary>No more faults, until everything is settled.</summary>
    public async Task DrainAsync()
    {
        FaultRate = CrashRate = 0;
        for (int i = 0; i < 100_000; i++)
        {
            if (_machine.State.Plans.Count == 0 && _machine.State.Replays.Count == 0 && _machine.Position() >= Source.Size)
            {
                return;
            }

            await StepAsync();
        }

        throw new InvalidOperationException($"does not end: position {_machine.Position()} of {Source.Size}, plans {JsonSerializer.Serialize(_machine.State)}");
    }

    public void Configure(DestinationConfig config)
    {
        int version = _machine.Version + 1;
        JsonElement before = JsonSerializer.Deserialize<JsonElement>(ConfigWriter.Write(_machine.Config, SecretBag.Empty));
        _machine.Configure(config, version, before);
        _config = config;
        _configs[version] = config;
        foreach (long id in _machine.State.Plans.Where(p => p.ShapeVersion == version).Select(p => p.Id))
        {
            _batches.Remove(id);
        }

        Save();
    }

    public void Expire(long before) => Command(m => m.Expire(before, p => _batches.GetValueOrDefault(p.Id)));

    public void Command(Action<DestinationMachine> command)
    {
        command(_machine);
        Save();
    }

    public async Task StepAsync()
    {
        if (_machine.Backlog(Source.Size) is { } backlog)
        {
            _machine.Split(backlog, await Source.DeniedWithinAsync(backlog.From, backlog.To, default));
        }

        // As the runner does it: what is planned was built some time before, and much may have been done since.
        if (_machine.MayPlan && _machine.PlanReplay() is null && _ahead is { } ahead)
        {
            _ahead = null;
            if (_machine.State.Lanes.Find(l => l.Name == ahead.Lane) is { } lane && ahead.Version == _machine.Version && ahead.Request.FirstN == _machine.State.NextN
                && ahead.Request.Epoch == _machine.State.Epoch && ahead.Request.ExpireBefore == _machine.State.ExpireBefore && _machine.Plan(lane, ahead.Batch) is { } plan)
            {
                _batches[plan.Id] = ahead.Batch;
            }
        }

        if (_ahead is null && _machine.NextLane(Source.Size, (_, _) => false) is { } next)
        {
            BatchRequest request = _machine.RequestOf(next, Source.Size);
            _ahead = (next.Name, _machine.Version, request, await _builder.BuildAsync(request, default));
        }

        MayCrash();
        Save();
        MayCrash();
        foreach (PlanState plan in _machine.State.Plans.ToArray())
        {
            if (!Holds(plan))
            {
                Batch batch = await _builder.BuildAsync(_machine.RequestOf(plan, v => _configs[v]), default);
                Assert.True(plan.Digest.Length == 0 || plan.Cut.Count > 0 || plan.Digest == Convert.ToHexStringLower(batch.Digest.Span) || plan.ShapeVersion == _machine.Version, "built again with other bytes");
                _batches[plan.Id] = batch;
                _machine.Built(plan, batch);
            }
        }

        Save();
        // What is in flight ends before a wait does, as far as it ends by then.
        if (_flying.Count == 0 && _machine.MayAct() is { } when && Jumps)
        {
            _time.AdvanceTo(when);
        }

        IReadOnlyList<(PlanState Plan, UnitState Unit)> requests = _machine.TakeRequests(Holds);
        foreach ((PlanState plan, UnitState unit) in requests)
        {
            Batch batch = _batches[plan.Id];
            DeliveryOutcome outcome = Receive(new BatchSlice(batch, unit.Group, unit.From, unit.To));
            _flying.Add(new Flight(plan, unit, batch, outcome, _time.GetUtcNow(), _time.GetUtcNow() + Latency(_flying.Count + 1)));
            MostFlying = Math.Max(MostFlying, _flying.Count);
        }

        Assert.True(requests.Count == 0 || _flying.Count <= _machine.Config.InFlight);
        _time.Advance(Tick);
        foreach (Flight flight in _flying.Where(f => f.Ends <= _time.GetUtcNow()).OrderBy(_ => _random.Next()).ToArray())
        {
            MayCrash();
            _machine.Answer(flight.Plan, flight.Unit, flight.Batch, flight.Outcome, flight.Ends - flight.Began);
            MayCrash();
            Save();
            _flying.Remove(flight);
            MayCrash();
        }
    }

    private bool Holds(PlanState plan) => _batches.TryGetValue(plan.Id, out Batch? batch) && batch.Cuts == plan.Cut.Count;

    private DeliveryOutcome Receive(BatchSlice slice)
    {
        Requests++;
        if (Dead)
        {
            return DeliveryOutcome.RetryLater(ReasonCode.Unreachable, "refused");
        }

        if (_flying.Count >= Capacity)
        {
            return DeliveryOutcome.RetryLater(ReasonCode.RateLimited, "too many at once", delay: TimeSpan.FromMilliseconds(100), status: 429);
        }

        if (RefusesItems)
        {
            ImmutableArray<ItemRejection> all = Unnamed ? [] : [.. Enumerable.Range(0, slice.Count).Select(i => new ItemRejection(i, "bad"))];
            return DeliveryOutcome.Partial("200", "all refused", all, [], Unnamed ? slice.Count : 0);
        }

        if (OnlyParts)
        {
            return Part(slice);
        }

        double dice = _random.NextDouble();
        if (dice < FaultRate)
        {
            switch (_random.Next(6))
            {
                case 0:
                    return DeliveryOutcome.RetryLater(ReasonCode.Unreachable, "refused");
                case 1:
                    if (Refuse(slice) is { } first)
                    {
                        return first;
                    }

                    Take(slice);
                    PossibleDuplicates += slice.Count;
                    return DeliveryOutcome.RetryLater(ReasonCode.Unreachable, "taken, but the answer was lost");
                case 2:
                    return DeliveryOutcome.RetryLater(ReasonCode.RateLimited, "slow down", delay: TimeSpan.FromSeconds(2));
                case 3:
                    return DeliveryOutcome.CredentialRejected("no", "renew");
                case 4 when Partials:
                    return Part(slice);
                default:
                    return DeliveryOutcome.Misconfigured("no", "mend");
            }
        }

        if (Refuse(slice) is { } refused)
        {
            return refused;
        }

        Take(slice);
        return DeliveryOutcome.Delivered("ok", 200);
    }

    /// <summary>Takes some, wants some again, refuses the poison by name.</summary>
    private DeliveryOutcome Part(BatchSlice slice)
    {
        List<ItemRejection> rejected = [];
        List<int> again = [];
        for (int i = 0; i < slice.Count; i++)
        {
            if (Poison.Contains(slice[i].Seq))
            {
                rejected.Add(new ItemRejection(i, "bad"));
            }
            else if (_random.Next(3) == 0)
            {
                again.Add(i);
            }
            else
            {
                Take(slice, i);
            }
        }

        return DeliveryOutcome.Partial("207", "some", [.. rejected], [.. again]);
    }

    private DeliveryOutcome? Refuse(BatchSlice slice)
    {
        if (slice.Count > MaxRequest || Enumerable.Range(0, slice.Count).Sum(i => slice[i].Length) > MaxBytes)
        {
            return DeliveryOutcome.TooLarge("413", 413);
        }

        for (int i = 0; i < slice.Count; i++)
        {
            if (Poison.Contains(slice[i].Seq))
            {
                return DeliveryOutcome.BadRecord("bad", NamesTheBadOne ? i : null, 400);
            }
        }

        return null;
    }

    private void Take(BatchSlice slice)
    {
        for (int i = 0; i < slice.Count; i++)
        {
            Take(slice, i);
        }
    }

    private void Take(BatchSlice slice, int index)
    {
        byte[] bytes = slice.BytesOf(index).ToArray();
        JsonElement fields = JsonSerializer.Deserialize<JsonElement>(bytes).GetProperty("fields");
        Arrived.Add((slice[index].Seq, fields.GetProperty("muniment.epoch").GetInt64(), fields.GetProperty("muniment.n").GetInt64(), bytes));
    }

    private void Save()
    {
        _stored = _machine.State.Write();
        _storedConfig = (_machine.Version, _config);
        Receipts.AddRange(_machine.Pending.Receipts);
        foreach (DeadLetter letter in _machine.Pending.DeadLetters)
        {
            DeadLetters[letter.Seq] = letter;
            EverDead.Add((letter.Epoch, letter.N));
        }

        foreach (long seq in _machine.Pending.Redeemed)
        {
            DeadLetters.Remove(seq);
        }

        _machine.Stored();
    }

    private DestinationMachine Load() => new(DestinationState.Read(_stored), _storedConfig.Config, _storedConfig.Version, _time, _random.NextDouble) { SplitAfter = _splitAfter };

    private void MayCrash()
    {
        if (_random.NextDouble() < CrashRate)
        {
            throw new CrashException();
        }
    }

    private sealed record Flight(PlanState Plan, UnitState Unit, Batch Batch, DeliveryOutcome Outcome, DateTimeOffset Began, DateTimeOffset Ends);

    private sealed class CrashException : Exception;
}
