using System.Collections.Immutable;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Muniment.Delivery.Configuration;
using Muniment.Delivery.Machine;
using Muniment.Delivery.Running;
using Muniment.Delivery.Storage;
using Muniment.Delivery.Testing;
using Muniment.Events;
using Muniment.Events.Administration;
using Muniment.Grains.Administration;
using Muniment.Journal;
using Muniment.Messages.Administration;
using Muniment.Messages.Destinations;

namespace Muniment.Grains.Destinations;

/// <summary>
/// One destination: owns the runner's life. Bytes never pass through here; building and sending happen off the turn. When the runner ends because another activation took
/// over, or by an error, this activation goes, and the next one goes on from what is stored.
/// </summary>
[GrainType("destination")]
public sealed partial class DestinationGrain : Grain, IDestinationGrain
{
    /// <summary>Largest page of a list.</summary>
    public const int MaxPage = 1000;

    private const string Earlier = "an earlier change is not yet recorded in the journal, so this one was not made";


    private readonly DeliveryServices services;
    private readonly ILogger<DestinationGrain> log;
    private readonly AdminOutbox _outbox;

    // All are touched on this activation's turns only.
    private DestinationRunner? _runner;
    private bool _forgotten; // removed and recorded, so nothing can be pending
    private TenantId _tenant;
    private string _id = "";

    /// <summary>Made by the silo.</summary>
    public DestinationGrain(DeliveryServices services, IAdminRecorder recorder, ILogger<DestinationGrain> log)
    {
        this.services = services;
        this.log = log;
        _outbox = new AdminOutbox(recorder, PendingAsync, Forget);
    }

    /// <inheritdoc/>
    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        string key = this.GetPrimaryKeyString();
        int slash = key.IndexOf('/', StringComparison.Ordinal);
        _tenant = TenantId.Parse(key[..slash]);
        _id = key[(slash + 1)..];
        await Open(cancellationToken);
        if (_runner is { HasOutbox: true })
        {
            _outbox.RetryLater(this, TimeSpan.Zero);
        }
    }

    /// <inheritdoc/>
    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        if (_runner is { } runner)
        {
            _runner = null;
            await runner.DisposeAsync();
        }
    }

    /// <inheritdoc/>
    public Task<DestinationAnswer> Create(ReadOnlyMemory<byte> json, ActMessage? act) => Settle(() => CreateAsync(json, act));

    private async Task<DestinationAnswer> CreateAsync(ReadOnlyMemory<byte> json, ActMessage? act)
    {
        if (_runner is { IsDeleting: true } && !await _outbox.DrainAsync())
        {
            return Refused(DestinationStatusCode.Unrecorded, null, Earlier);
        }

        if (_runner is not null)
        {
            return Refused(DestinationStatusCode.Conflict, "id", $"an id that is free; '{_id}' is taken");
        }

        ConfigError? error = services.ReaderOf(_tenant).Read(json, SecretBag.Empty, _id, out DestinationConfig? config, out SecretBag secrets);
        if (error is not null)
        {
            return Refused(DestinationStatusCode.Invalid, error.Field, error.Expected);
        }

        long size = await services.Source(_tenant).SizeAsync(CancellationToken.None);
        long start = config!.Start switch
        {
            "now" => size,
            "beginning" => 0,
            string seq => long.Parse(seq, CultureInfo.InvariantCulture),
        };
        if (start > size)
        {
            return Refused(DestinationStatusCode.Invalid, "start", $"now, beginning, or a seq from 0 to {size}");
        }

        Muniment.Events.Keys.TenantKeys keys = services.Keyring.Current(_tenant);
        byte[] shown = ConfigWriter.Write(config, secrets);
        byte[] after = ConfigWriter.Write(config, secrets, secrets.Fingerprint(keys));
        DestinationState state = DestinationMachine.Begin(start);
        state.Incarnation = Guid.NewGuid().ToString("N");
        if (act is not null)
        {
            state.Outbox.Add(OutboxEntry.Of(act.ToAct(), default, after));
        }

        DestinationRow row = new(_tenant, _id, 0, 1, shown, secrets.Seal(keys, _id), state.Write());
        if (!await services.Store.CreateAsync(row, CancellationToken.None))
        {
            return Refused(DestinationStatusCode.Conflict, "id", $"an id that is free; '{_id}' is taken");
        }

        await Open(CancellationToken.None);
        await GrainFactory.GetGrain<IDestinationDirectoryGrain>(_tenant.Value).Changed();
        return await Recorded(Done(shown, 1));
    }

    /// <inheritdoc/>
    public Task<DestinationAnswer> Get() => Ask(async runner =>
    {
        (ReadOnlyMemory<byte> config, int version) = await runner.GetConfigAsync(CancellationToken.None);
        return Done(config, version);
    });

    /// <inheritdoc/>
    public Task<DestinationAnswer> Configure(ReadOnlyMemory<byte> json, int ifMatch, ActMessage? act) => Change(async runner =>
    {
        ConfigureResult result = await runner.ConfigureAsync(json, ifMatch < 0 ? null : ifMatch, CancellationToken.None, act?.ToAct());
        switch (result.Status)
        {
            case ConfigureStatus.Invalid:
                return Refused(DestinationStatusCode.Invalid, result.Error!.Field, result.Error.Expected);
            case ConfigureStatus.Stale:
                return Refused(DestinationStatusCode.Conflict, "If-Match", $"version {result.Version}, which is in force");
            default:
                (ReadOnlyMemory<byte> config, int version) = await runner.GetConfigAsync(CancellationToken.None);
                return Done(config, version);
        }
    });

    /// <inheritdoc/>
    public Task<DestinationAnswer> Delete(int ifMatch, ActMessage? act) => Ask(
        async runner =>
        {
            if (!runner.IsDeleting)
            {
                if (!await _outbox.DrainAsync())
                {
                    return Refused(DestinationStatusCode.Unrecorded, null, Earlier);
                }

                if (await runner.DeleteAsync(act?.ToAct(), ifMatch < 0 ? null : ifMatch, CancellationToken.None) is { } version)
                {
                    return Refused(DestinationStatusCode.Conflict, "If-Match", $"version {version}, which is in force");
                }

                if (act is null)
                {
                    await Forget([]); // the row does not wait for a record
                    return Done(default);
                }
            }

            return await Recorded(Done(default));
        },
        alsoDeleting: true);

    /// <inheritdoc/>
    public Task<DestinationAnswer> GetStatus() => Ask(async runner => Done(DestinationViews.Status(await runner.GetStatusAsync(CancellationToken.None))));

    /// <inheritdoc/>
    public Task<DestinationAnswer> Test() => Ask(async runner =>
    {
        if (!await GrainFactory.GetGrain<IDestinationDirectoryGrain>(_tenant.Value).TakeTest())
        {
            return Refused(DestinationStatusCode.TooMany, null, $"at most {DestinationDirectoryGrain.TestsPerMinute} tests a minute for a tenant");
        }

        (DestinationConfig config, SecretBag secrets) = await runner.GetSecretsAsync(CancellationToken.None);
        return Done(DestinationViews.Test(await new DestinationTester(services).RunAsync(_tenant, config, secrets, CancellationToken.None)));
    });

    /// <inheritdoc/>
    public Task<DestinationAnswer> Pause(ActMessage? act) => Change(async runner =>
    {
        await runner.PauseAsync(CancellationToken.None, act?.ToAct());
        return Done(DestinationViews.Status(await runner.GetStatusAsync(CancellationToken.None)));
    });

    /// <inheritdoc/>
    public Task<DestinationAnswer> Resume(ActMessage? act) => Change(async runner =>
    {
        await runner.ResumeAsync(CancellationToken.None, act?.ToAct());
        return Done(DestinationViews.Status(await runner.GetStatusAsync(CancellationToken.None)));
    });

    /// <inheritdoc/>
    public Task<DestinationAnswer> Rewind(long seq, ActMessage? act) => Change(async runner =>
        await runner.RewindAsync(seq, CancellationToken.None, act?.ToAct())
            ? Done(DestinationViews.Status(await runner.GetStatusAsync(CancellationToken.None)))
            : Refused(DestinationStatusCode.Invalid, "seq", $"0 to {(await runner.GetStatusAsync(CancellationToken.None)).Position}, the position"));

    /// <inheritdoc/>
    public Task<DestinationAnswer> GetDeadLetters(long from, int limit) => Ask(async _ =>
    {
        limit = Math.Clamp(limit, 1, MaxPage);
        ImmutableArray<DeadLetter> letters = await services.Store.ReadDeadLettersAsync(_tenant, _id, from, limit + 1, CancellationToken.None);
        return letters.Length > limit ? Done(DestinationViews.DeadLetters(letters[..limit], letters[limit].Seq)) : Done(DestinationViews.DeadLetters(letters, null));
    });

    /// <inheritdoc/>
    public Task<DestinationAnswer> Replay(ImmutableArray<long> seqs, ActMessage? act) => Change(async runner =>
    {
        (int queued, ImmutableArray<long> unknown) = await runner.ReplayAsync(seqs.IsEmpty ? null : seqs, CancellationToken.None, act?.ToAct());
        return unknown.IsEmpty
            ? Done(DestinationViews.Number("replaying", queued))
            : Refused(DestinationStatusCode.Invalid, "seqs", $"seqs of dead letters; {unknown[0]} is none");
    });

    /// <inheritdoc/>
    public Task<DestinationAnswer> GetReceipts(long from, int limit) => Ask(async _ =>
    {
        limit = Math.Clamp(limit, 1, MaxPage);
        ImmutableArray<Receipt> receipts = await services.Store.ReadReceiptsAsync(_tenant, _id, from, limit + 1, CancellationToken.None);
        return receipts.Length > limit ? Done(DestinationViews.Receipts(receipts[..limit], receipts[limit].Number)) : Done(DestinationViews.Receipts(receipts, null));
    });

    /// <inheritdoc/>
    public async Task<long> Release(long before)
    {
        if (_runner is not { } runner)
        {
            DeactivateOnIdle();
            return await services.Store.FindAsync(_tenant, _id, CancellationToken.None) is null ? before : 0; // deleted, or between two activations: nothing may go
        }

        try
        {
            return await runner.ReleaseAsync(before, CancellationToken.None);
        }
        catch (RunnerEndedException)
        {
            return 0;
        }
    }

    /// <inheritdoc/>
    public Task Wake()
    {
        if (_runner is null)
        {
            DeactivateOnIdle(); // the next call looks into the store again
        }

        _runner?.Kick();
        return Task.CompletedTask;
    }

    private async Task Open(CancellationToken cancellationToken)
    {
        if (await DestinationRunner.OpenAsync(services, _tenant, _id, cancellationToken) is { } runner)
        {
            _runner = runner;
            _forgotten = false;
            _ = Watch(runner);
        }
    }

    private async Task Watch(DestinationRunner runner)
    {
        RunnerEnd end = await runner.Completion;
        if (end.Kind == RunnerEndKind.Faulted)
        {
            Faulted(log, _tenant.Value, _id, end.Error!);
        }

        if (ReferenceEquals(_runner, runner))
        {
            _runner = null;
            DeactivateOnIdle();
        }
    }

    private Task<DestinationAnswer> Change(Func<DestinationRunner, Task<DestinationAnswer>> change) => Ask(async runner =>
    {
        if (!await _outbox.DrainAsync())
        {
            return Refused(DestinationStatusCode.Unrecorded, null, Earlier);
        }

        DestinationAnswer answer = await change(runner);
        return answer.Code is DestinationStatusCode.Done ? await Recorded(answer) : answer;
    });

    // The change is stored; it is answered when it is recorded too.
    private async Task<DestinationAnswer> Recorded(DestinationAnswer answer)
    {
        Failpoints.Pass(Failpoints.BeforeRecord);
        if (await _outbox.DrainAsync())
        {
            return answer;
        }

        _outbox.RetryLater(this, AdminOutbox.RetryEvery);
        return Refused(DestinationStatusCode.Unrecorded, null, "the change is made and will be recorded in the journal as soon as that takes it");
    }

    // Without a runner it is not known what is pending: the next activation reads it. Nothing may be answered as recorded on that.
    private async Task<ImmutableArray<OutboxEntry>> PendingAsync() =>
        _runner is { } runner ? await runner.GetOutboxAsync(CancellationToken.None) : _forgotten ? [] : throw new RunnerEndedException();

    private async Task Forget(ImmutableArray<string> ids)
    {
        if (_runner is { } runner && await runner.ForgetAsync(ids, CancellationToken.None))
        {
            if (ReferenceEquals(_runner, runner))
            {
                _runner = null;
                _forgotten = true;
            }

            await GrainFactory.GetGrain<IDestinationDirectoryGrain>(_tenant.Value).Changed();
            DeactivateOnIdle();
        }
    }

    private async Task<DestinationAnswer> Ask(Func<DestinationRunner, Task<DestinationAnswer>> question, bool alsoDeleting = false)
    {
        if (_runner is not { } runner)
        {
            DeactivateOnIdle();
            return Refused(DestinationStatusCode.NotFound, null, "no destination " + _id);
        }

        if (runner.IsDeleting && !alsoDeleting)
        {
            return Refused(DestinationStatusCode.NotFound, null, "no destination " + _id);
        }

        return await Settle(() => question(runner));
    }

    private static async Task<DestinationAnswer> Settle(Func<Task<DestinationAnswer>> work)
    {
        try
        {
            return await work();
        }
        catch (RunnerEndedException)
        {
            return Refused(DestinationStatusCode.Moving, null, "the destination is being taken over; ask again");
        }
    }

    private static DestinationAnswer Done(ReadOnlyMemory<byte> body, int version = 0) => new(DestinationStatusCode.Done, version, body, null, null);

    private static DestinationAnswer Refused(DestinationStatusCode code, string? field, string detail) => new(code, 0, default, field, detail);

    [LoggerMessage(EventId = 4001, Level = LogLevel.Error, Message = "Destination {Id} of tenant {Tenant} was stopped by an error and goes on from its stored state")]
    private static partial void Faulted(ILogger log, string tenant, string id, Exception exception);
}
