using System.Collections.Immutable;
using System.Text.Json;
using Muniment.Delivery.Batches;
using Muniment.Delivery.Configuration;
using Muniment.Delivery.Kinds;
using Muniment.Delivery.Machine;
using Muniment.Events.Administration;
using Muniment.Events.Keys;

namespace Muniment.Delivery.Running;

/// <content>What administrators ask for. Each is done on the loop and stored before it is answered.</content>
public sealed partial class DestinationRunner
{
    /// <summary>Replaces the configuration.</summary>
    /// <param name="json">The body.</param>
    /// <param name="ifMatch">Version that must be in force; null for any.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <param name="act">What it is recorded as; null for nothing.</param>
    public Task<ConfigureResult> ConfigureAsync(ReadOnlyMemory<byte> json, int? ifMatch, CancellationToken cancellationToken, AdminAct? act = null) => AskAsync(async () =>
    {
        (byte[] before, _) = Shown();
        if (ifMatch is { } wanted && wanted != _row.Version)
        {
            return new ConfigureResult(ConfigureStatus.Stale, _row.Version, null, before, before);
        }

        ConfigError? error = _services.ReaderOf(_row.Tenant).Read(json, _secrets, _row.Id, out DestinationConfig? config, out SecretBag secrets);
        if (error is null && config!.Kind != _machine.Config.Kind)
        {
            error = new ConfigError("kind", $"'{_machine.Config.Kind}': a destination keeps its kind");
        }

        if (error is not null)
        {
            return new ConfigureResult(ConfigureStatus.Invalid, _row.Version, error, before, before);
        }

        TenantKeys keys = _services.Keyring.Current(_row.Tenant);
        config = config! with { Start = _machine.Config.Start };
        JsonElement shape = JsonSerializer.Deserialize<JsonElement>(ConfigWriter.Write(_machine.Config, SecretBag.Empty));
        _secrets = secrets;
        _row = _row with { Version = _row.Version + 1, Config = ConfigWriter.Write(config, secrets), Secrets = secrets.Seal(keys, _row.Id) };
        _configChanged = true;
        IDestinationKind kind = _services.Kinds.Find(config.Kind)!;
        _machine.Configure(config, _row.Version, shape, rewired: kind.WireOf(config) != kind.WireOf(_machine.Config));
        DropReady();
        foreach (PlanState plan in _machine.State.Plans.Where(p => p.ShapeVersion == _row.Version))
        {
            // Built again under the new configuration, once no request holds its bytes.
            if (_batches.Remove(plan.Id, out Batch? stale) && _machine.IsInFlight(plan))
            {
                _stale.Add(stale);
            }
            else
            {
                stale?.Dispose();
            }
        }

        await _sender.RetireAsync().ConfigureAwait(false);
        _sender = NewSender();
        (byte[] after, _) = Shown();
        Note(act, before, after);
        await SaveAsync().ConfigureAwait(false);
        return new ConfigureResult(ConfigureStatus.Done, _row.Version, null, before, after);
    }, cancellationToken);

    /// <summary>The configuration with secrets masked, and its version.</summary>
    public Task<(ReadOnlyMemory<byte> Config, int Version)> GetConfigAsync(CancellationToken cancellationToken) =>
        AskAsync(() => ValueTask.FromResult((_row.Config, _row.Version)), cancellationToken);

    /// <summary>State, position, lag, counters; all of it stored, so that whoever reads receipts after it finds those that the position speaks of.</summary>
    public Task<DestinationStatus> GetStatusAsync(CancellationToken cancellationToken) => AskAsync(async () =>
    {
        await SettledAsync().ConfigureAwait(false);
        long size = await _source.SizeAsync(cancellationToken).ConfigureAwait(false);
        long position = _machine.Position();
        DestinationState state = _machine.State;
        long lag = Math.Max(0, size - position);
        double seconds = 0;
        if (lag > 0)
        {
            await foreach (SourceBlock block in _source.ReadAsync(position, position + 1, cancellationToken).ConfigureAwait(false))
            {
                if (block.Events.Count > 0)
                {
                    seconds = Math.Max(0, (_time.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalSeconds - block.Events[0].ReceivedNs / 1e9);
                    break;
                }
            }
        }

        return new DestinationStatus(
            _machine.Condition, state.Reason, position, [.. state.Lanes.Select(l => new LaneStatus(l.Name, l.From, l.To, _machine.PositionOf(l)))], lag, seconds,
            state.Delivered, state.DeadLetters, state.Expired, [.. state.Outcomes], state.LastSuccess, state.NextAttempt, state.Epoch, state.NextN, _machine.CircuitOpen, _machine.Concurrency)
        {
            Warning = _services.Kinds.Find(_machine.Config.Kind)?.Oldest?.Warn(seconds),
        };
    }, cancellationToken);

    /// <summary>Stops delivering until resumed.</summary>
    public Task PauseAsync(CancellationToken cancellationToken, AdminAct? act = null) => CommandAsync(m => m.Pause(), act, cancellationToken);

    /// <summary>Delivers again, at once.</summary>
    public Task ResumeAsync(CancellationToken cancellationToken, AdminAct? act = null) => CommandAsync(m => m.Resume(), act, cancellationToken);

    /// <summary>Delivers again from a seq; false when it lies beyond the position.</summary>
    public Task<bool> RewindAsync(long seq, CancellationToken cancellationToken, AdminAct? act = null) => AskAsync(async () =>
    {
        byte[] before = ControlView.Write(_machine);
        if (!_machine.Rewind(seq))
        {
            return false;
        }

        DropReady();
        Note(act, before, ControlView.Write(_machine));
        await SaveAsync().ConfigureAwait(false);
        return true;
    }, cancellationToken);

    /// <summary>Queues dead letters; <paramref name="seqs"/> null means all. Answers how many were queued and which seqs have no dead letter; when there is such a one, nothing is queued.</summary>
    public Task<(int Queued, ImmutableArray<long> Unknown)> ReplayAsync(ImmutableArray<long>? seqs, CancellationToken cancellationToken, AdminAct? act = null) => AskAsync(async () =>
    {
        ImmutableArray<DeadLetter> letters = await _services.Store.ReadDeadLettersAsync(_row.Tenant, _row.Id, 0, DestinationMachine.MaxReplays, cancellationToken).ConfigureAwait(false);
        HashSet<long>? wanted = seqs is { } list ? [.. list] : null;
        ImmutableArray<long> unknown = wanted is null ? [] : [.. wanted.Except(letters.Select(l => l.Seq)).Order()];
        if (!unknown.IsEmpty)
        {
            return (0, unknown);
        }

        byte[] before = ControlView.Write(_machine);
        int queued = _machine.Replay(letters.Where(l => wanted is null || wanted.Contains(l.Seq)).Select(l => new ReplayItem(l.Seq, l.Epoch, l.N)));
        Note(act, before, ControlView.Write(_machine));
        await SaveAsync().ConfigureAwait(false);
        return (queued, unknown);
    }, cancellationToken);

    /// <summary>Marks the destination as removed: nothing is sent any more, and the row goes when the act is recorded (<see cref="ForgetAsync"/>).</summary>
    /// <param name="act">What it is recorded as; null for nothing.</param>
    /// <param name="ifMatch">Version that must be in force; null for any.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>Null when it is removed; else the version in force, which is not the one that was named.</returns>
    public Task<int?> DeleteAsync(AdminAct? act, int? ifMatch, CancellationToken cancellationToken) => AskAsync<int?>(async () =>
    {
        if (_machine.State.Deleted)
        {
            return null; // by another call, which noted it
        }

        if (ifMatch is { } wanted && wanted != _row.Version)
        {
            return _row.Version;
        }

        (byte[] shown, _) = Shown();
        _machine.State.Deleted = true;
        Note(act, shown, default);
        await SaveAsync().ConfigureAwait(false);
        return null;
    }, cancellationToken);

    /// <summary>Whether it is removed but for its row.</summary>
    public bool IsDeleting => _machine.State.Deleted;

    /// <summary>Whether acts wait to be recorded; exact right after opening.</summary>
    public bool HasOutbox => _machine.State.Outbox.Count > 0;

    /// <summary>The acts that wait to be recorded.</summary>
    public Task<ImmutableArray<OutboxEntry>> GetOutboxAsync(CancellationToken cancellationToken) =>
        AskAsync(() => ValueTask.FromResult<ImmutableArray<OutboxEntry>>([.. _machine.State.Outbox]), cancellationToken);

    /// <summary>These acts are recorded. Removes the destination and ends when it was deleted.</summary>
    /// <returns>Whether it is gone.</returns>
    public Task<bool> ForgetAsync(ImmutableArray<string> ids, CancellationToken cancellationToken) => AskAsync(async () =>
    {
        _machine.State.Outbox.RemoveAll(entry => ids.Contains(entry.Id));
        if (!_machine.State.Deleted || _machine.State.Outbox.Count > 0)
        {
            await SaveAsync().ConfigureAwait(false);
            return false;
        }

        if (!await _services.Store.DeleteAsync(_row.Tenant, _row.Id, _row.Fence, cancellationToken).ConfigureAwait(false))
        {
            throw new FencedException();
        }

        return _deleted = true;
    }, cancellationToken);

    /// <summary>What a connection test needs.</summary>
    public Task<(DestinationConfig Config, SecretBag Secrets)> GetSecretsAsync(CancellationToken cancellationToken) =>
        AskAsync(() => ValueTask.FromResult((_machine.Config, _secrets)), cancellationToken);

    private (byte[] Json, int Version) Shown() =>
        (ConfigWriter.Write(_machine.Config, _secrets, _secrets.Fingerprint(_services.Keyring.Current(_row.Tenant))), _row.Version);

    // An answer may have been taken since the last save: what is told outside must not be more than what a restart knows.
    private async ValueTask SettledAsync()
    {
        if (_machine.IsDirty)
        {
            await SaveAsync().ConfigureAwait(false);
        }
    }

    // Stored with the change by the save that follows.
    private void Note(AdminAct? act, ReadOnlyMemory<byte> before, ReadOnlyMemory<byte> after)
    {
        if (act is not null)
        {
            _machine.State.Outbox.Add(OutboxEntry.Of(act, before, after));
        }
    }

    private Task CommandAsync(Action<DestinationMachine> command, AdminAct? act, CancellationToken cancellationToken) => AskAsync(async () =>
    {
        byte[] before = ControlView.Write(_machine);
        command(_machine);
        Note(act, before, ControlView.Write(_machine));
        await SaveAsync().ConfigureAwait(false);
        return true;
    }, cancellationToken);

    private async Task<T> AskAsync<T>(Func<ValueTask<T>> question, CancellationToken cancellationToken)
    {
        TaskCompletionSource<T> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        bool posted = _messages.Writer.TryWrite(async () =>
        {
            if (_stop.IsCancellationRequested || _deleted)
            {
                answer.TrySetException(new RunnerEndedException());
                return;
            }

            try
            {
                answer.TrySetResult(await question().ConfigureAwait(false));
            }
            catch (FencedException)
            {
                answer.TrySetException(new RunnerEndedException());
                throw;
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                answer.TrySetCanceled(cancellationToken); // nothing was changed: commands do not look at the caller's token after they began to
            }
            catch (Exception exception)
            {
                answer.TrySetException(exception);
                throw;
            }
        });
        return posted ? await answer.Task.WaitAsync(cancellationToken).ConfigureAwait(false) : throw new RunnerEndedException();
    }
}

/// <summary>The runner has ended; whoever asked should open the destination again.</summary>
public sealed class RunnerEndedException() : Exception("the destination is being taken over");

/// <summary>Answer to a new configuration.</summary>
/// <param name="Status">Which.</param>
/// <param name="Version">Version in force.</param>
/// <param name="Error">Invalid: why.</param>
/// <param name="Before">What was in force, masked, with a fingerprint.</param>
/// <param name="After">What is in force, masked, with a fingerprint.</param>
public sealed record ConfigureResult(ConfigureStatus Status, int Version, ConfigError? Error, ReadOnlyMemory<byte> Before, ReadOnlyMemory<byte> After);

/// <summary>Ways to answer a new configuration.</summary>
public enum ConfigureStatus
{
    /// <summary>In force.</summary>
    Done,
    /// <summary>Refused.</summary>
    Invalid,
    /// <summary>Another version is in force than the caller knew.</summary>
    Stale,
}
