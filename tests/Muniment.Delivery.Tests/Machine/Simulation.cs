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
    private readonly ManualTime _time = new();
    private readonly BatchBuilder _builder;
    private readonly Dictionary<long, Batch> _batches = [];
    private readonly Dictionary<int, DestinationConfig> _configs = [];
    private DestinationConfig _config;
    private DestinationMachine _machine;
    private byte[] _stored;
    private (int Version, DestinationConfig Config) _storedConfig;

    public Simulation(int seed, DestinationConfig config, long start = 0)
    {
        _random = new Random(seed);
        _config = config;
        _builder = Fixtures.Builder(Source);
        _stored = DestinationMachine.Begin(start).Write();
        _storedConfig = (1, config);
        _configs[1] = config;
        _machine = Load();
    }

    public FakeSource Source { get; } = new();
    public HashSet<long> Poison { get; } = [];
    public int MaxRequest { get; set; } = int.MaxValue;
    public double FaultRate { get; set; }
    public double CrashRate { get; set; }
    public bool NamesTheBadOne { get; set; }
    public List<(long Seq, long Epoch, long N, byte[] Bytes)> Arrived { get; } = [];
    public List<Receipt> Receipts { get; } = [];
    public Dictionary<long, DeadLetter> DeadLetters { get; } = [];
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

    public void Command(Action<DestinationMachine> command)
    {
        command(_machine);
        Save();
    }

    private async Task StepAsync()
    {
        _machine.Split(Source.Size);
        if (_machine.State.Plans.Count < _machine.Config.InFlight && _machine.PlanReplay() is null)
        {
            foreach (LaneState lane in _machine.State.Lanes.OrderByDescending(l => l.To is null).ThenBy(l => l.Filter).ToArray())
            {
                BatchRequest request = _machine.RequestOf(lane, Source.Size);
                if (request.To <= request.From)
                {
                    continue;
                }

                Batch batch = await _builder.BuildAsync(request, default);
                if (_machine.Plan(lane, batch) is { } plan)
                {
                    _batches[plan.Id] = batch;
                }

                break;
            }
        }

        MayCrash();
        Save();
        MayCrash();
        foreach (PlanState plan in _machine.State.Plans.ToArray())
        {
            if (!_batches.ContainsKey(plan.Id))
            {
                Batch batch = await _builder.BuildAsync(_machine.RequestOf(plan, v => _configs[v]), default);
                Assert.True(plan.Digest.Length == 0 || plan.Digest == Convert.ToHexStringLower(batch.Digest.Span) || plan.ShapeVersion == _machine.Version, "built again with other bytes");
                _batches[plan.Id] = batch;
                _machine.Built(plan, batch);
            }
        }

        Save();
        if (_machine.MayAct() is { } when)
        {
            _time.AdvanceTo(when);
        }

        IReadOnlyList<(PlanState Plan, UnitState Unit)> requests = _machine.TakeRequests(p => _batches.ContainsKey(p.Id));
        Assert.True(!_machine.Config.Strict || requests.Count <= 1);
        foreach ((PlanState plan, UnitState unit) in requests.OrderBy(_ => _random.Next()))
        {
            Batch batch = _batches[plan.Id];
            DeliveryOutcome outcome = Receive(new BatchSlice(batch, unit.Group, unit.From, unit.To));
            MayCrash(sent: unit.To - unit.From);
            _machine.Answer(plan, unit, batch, outcome);
            MayCrash(sent: unit.To - unit.From);
            Save();
            MayCrash();
        }

        _time.Advance(TimeSpan.FromMilliseconds(10));
    }

    private DeliveryOutcome Receive(BatchSlice slice)
    {
        Requests++;
        double dice = _random.NextDouble();
        if (dice < FaultRate)
        {
            switch (_random.Next(5))
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

    private DeliveryOutcome? Refuse(BatchSlice slice)
    {
        if (slice.Count > MaxRequest)
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
            byte[] bytes = slice.BytesOf(i).ToArray();
            JsonElement fields = JsonSerializer.Deserialize<JsonElement>(bytes).GetProperty("fields");
            Arrived.Add((slice[i].Seq, fields.GetProperty("muniment.epoch").GetInt64(), fields.GetProperty("muniment.n").GetInt64(), bytes));
        }
    }

    private void Save()
    {
        _stored = _machine.State.Write();
        _storedConfig = (_machine.Version, _config);
        Receipts.AddRange(_machine.Pending.Receipts);
        foreach (DeadLetter letter in _machine.Pending.DeadLetters)
        {
            DeadLetters[letter.Seq] = letter;
        }

        foreach (long seq in _machine.Pending.Redeemed)
        {
            DeadLetters.Remove(seq);
        }

        _machine.Stored();
    }

    private DestinationMachine Load() => new(DestinationState.Read(_stored), _storedConfig.Config, _storedConfig.Version, _time, _random.NextDouble);

    private void MayCrash(int sent = 0)
    {
        if (_random.NextDouble() < CrashRate)
        {
            PossibleDuplicates += sent;
            throw new CrashException();
        }
    }

    private sealed class CrashException : Exception;
}
