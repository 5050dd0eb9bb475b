using System.Text.Json;
using System.Threading.Channels;
using Muniment.Delivery.Batches;
using Muniment.Delivery.Configuration;
using Muniment.Delivery.Kinds;
using Muniment.Delivery.Machine;
using Muniment.Delivery.Outcomes;
using Muniment.Delivery.Storage;
using Muniment.Events;

namespace Muniment.Delivery.Running;

/// <summary>
/// Runs one destination: one loop owns machine and row, everything else (building, sending, administrators) posts to it. While a request is in flight the next batch is built.
/// <code>
///   log ─► build (pool) ──► machine ─► store ─► send (pool) ──► machine ─► store ─► …
///                           └ next plan and last answer share one transaction ┘
/// </code>
/// Everything below is touched by the loop only, unless it says otherwise.
/// </summary>
public sealed partial class DestinationRunner : IAsyncDisposable
{
    /// <summary>How often a range that held nothing for the destination gets a receipt.</summary>
    public static readonly TimeSpan CoverInterval = TimeSpan.FromSeconds(60);

    private const int SaveAttempts = 8;
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(100);

    private readonly DeliveryServices _services;
    private readonly BatchBuilder _builder;
    private readonly IEventSource _source;
    private readonly TimeProvider _time;
    private readonly Channel<Func<ValueTask>> _messages = Channel.CreateUnbounded<Func<ValueTask>>(new UnboundedChannelOptions { SingleReader = true }); // bounded by requests in flight and callers
    private readonly CancellationTokenSource _stop = new();
    private readonly Dictionary<long, Batch> _batches = [];
    private readonly HashSet<long> _rebuilding = [];
    private readonly HashSet<Task> _children = [];
    private readonly HashSet<Batch> _stale = []; // replaced while a request holds their bytes; freed when it ends
    private readonly Dictionary<string, long> _newsSince = [];
    private readonly DestinationMachine _machine;
    private DestinationRow _row;
    private SecretBag _secrets;
    private SenderLease _sender;
    private readonly Queue<ReadyBatch> _ready = []; // each begins where the one before ends
    private readonly FillEstimate _fill = new();
    private bool _building;
    private long _size;
    private long _sizeRead;
    private long _covered;
    private long? _quietSince;
    private bool _configChanged;
    private bool _deleted;
    private int _kicked = 1; // any thread
    private Task _loop = Task.CompletedTask;

    private DestinationRunner(DeliveryServices services, DestinationRow row, DestinationConfig config, SecretBag secrets, DestinationState state)
    {
        _services = services;
        _row = row;
        _secrets = secrets;
        _time = services.Time;
        _source = services.Source(row.Tenant);
        _builder = services.Builder(row.Tenant);
        _machine = new DestinationMachine(state, config, row.Version, services.Time, services.Random);
        _sender = NewSender();
        _covered = _time.GetTimestamp();
    }

    /// <summary>Ends when the runner does: normally, because another activation took over, or with the error that ended it.</summary>
    public Task<RunnerEnd> Completion => _completion.Task;

    private readonly TaskCompletionSource<RunnerEnd> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Takes a destination over and begins to run it; null when there is none.</summary>
    public static async Task<DestinationRunner?> OpenAsync(DeliveryServices services, TenantId tenant, string id, CancellationToken cancellationToken)
    {
        if (await services.Store.AcquireAsync(tenant, id, cancellationToken).ConfigureAwait(false) is not { } row)
        {
            return null;
        }

        SecretBag? secrets = SecretBag.Open(row.Secrets.Span, keyId => services.Keyring.Find(tenant, keyId), id);
        DestinationState state = DestinationState.Read(row.State.Span);
        ConfigError? error = services.ReaderOf(tenant).Read(row.Config, null, id, out DestinationConfig? config, out _);
        if (config is null)
        {
            throw new InvalidDataException($"the stored configuration of {id} cannot be read: {error!.Field}: expected {error.Expected}");
        }

        (config, SecretBag bag) = (config with { AuthorityPem = TlsText(row.Config, "ca_pem"), ClientCertificatePem = TlsText(row.Config, "client_cert_pem") }, secrets ?? SecretBag.Empty);
        if (secrets is null)
        {
            state.Reason = new ReasonState
            {
                Code = ReasonCode.CredentialRejected, Message = "the stored credential cannot be decrypted", Hint = "its key is gone: PUT the destination with its credential again",
                Since = services.Time.GetUtcNow(), Holds = true,
            };
            state.NextAttempt = services.Time.GetUtcNow() + DestinationMachine.ProbeInterval;
        }

        DestinationRunner runner = new(services, row, config, bag, state);
        runner._loop = Task.Run(runner.RunAsync, CancellationToken.None);
        return runner;
    }

    /// <summary>Says that there may be news. Any thread; costs nothing when already said.</summary>
    public void Kick()
    {
        if (Interlocked.Exchange(ref _kicked, 1) == 0)
        {
            _messages.Writer.TryWrite(static () => ValueTask.CompletedTask);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(false);
        _stop.Dispose();
    }

    private async ValueTask SaveAsync()
    {
        DestinationRow row = _row with { State = _machine.State.Write() };
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                if (!await _services.Store.SaveAsync(row, _machine.Pending, _configChanged, CancellationToken.None).ConfigureAwait(false))
                {
                    throw new FencedException();
                }

                break;
            }
            catch (Exception exception) when (exception is not FencedException && attempt < SaveAttempts)
            {
                await Task.Delay(Backoff.Next(attempt, _services.Random()), _time, _stop.Token).ConfigureAwait(false);
            }
        }

        bool settled = _machine.Pending.Receipts.Count > 0;
        _row = row;
        _configChanged = false;
        _machine.Stored();
        if (settled)
        {
            _covered = _time.GetTimestamp();
            _services.Failpoint(DeliveryFailpoints.AfterSettle);
        }
    }

    private void Release()
    {
        if (_services.SettleBeforeSend)
        {
            return;
        }

        foreach (long id in _batches.Keys.Where(id => !_machine.State.Plans.Exists(p => p.Id == id)).ToArray())
        {
            _batches.Remove(id, out Batch? batch);
            batch!.Dispose();
        }
    }

    private void Spawn(Func<Task> work)
    {
        Task task = Task.Run(work, CancellationToken.None);
        _children.Add(task);
        task.ContinueWith(ended => Post(() =>
        {
            _children.Remove(ended);
            return ended.Exception is { } exception && !_stop.IsCancellationRequested
                ? throw new InvalidOperationException("building or sending failed unexpectedly", exception.InnerException)
                : ValueTask.CompletedTask;
        }), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    private void Post(Func<ValueTask> message) => _messages.Writer.TryWrite(message);

    private IDestinationSender Make() => _services.Sender(_row.Tenant, _machine.Config, _secrets);

    private SenderLease NewSender() => new(Make());

    private DestinationConfig ConfigOf(int version)
    {
        if (_machine.State.Shapes.TryGetValue(version, out JsonElement shape)
            && _services.ReaderOf(_row.Tenant).Read(JsonSerializer.SerializeToUtf8Bytes(shape), null, _row.Id, out DestinationConfig? config, out _) is null)
        {
            return config!;
        }

        return _machine.Config;
    }

    private static string? TlsText(ReadOnlyMemory<byte> config, string member)
    {
        using JsonDocument document = JsonDocument.Parse(config);
        return document.RootElement.TryGetProperty("tls", out JsonElement tls) && tls.TryGetProperty(member, out JsonElement text) ? text.GetString() : null;
    }

    /// <summary>A batch that was built and not planned.</summary>
    private sealed record ReadyBatch(string Lane, BatchRequest Request, int Version, Batch Batch);

    private sealed class FencedException() : Exception("another activation of this destination took over");
}
