using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Muniment.Delivery.Batches;
using Muniment.Delivery.Running;
using Muniment.Egress;
using Muniment.Events;
using Muniment.Events.Canonical;
using Muniment.Gateway.Access;
using Muniment.Gateway.Administration;
using Muniment.Gateway.Destinations;
using Muniment.Grains.Administration;
using Muniment.Grains.Destinations;
using Muniment.Journal;
using Muniment.Journal.Storage;
using Orleans.TestingHost;

namespace Muniment.Cluster.Tests.Destinations;

/// <summary>Two silos with destination grains over a real SQLite store, a log in memory, and the gateway's routes on a free port.</summary>
public sealed class DestinationCluster : IAsyncLifetime
{
    private readonly string _directory = Path.Combine(Path.GetTempPath(), "muniment-destinations-" + Guid.NewGuid().ToString("N"));
    private JournalStore _store = null!;
    private WebApplication _app = null!;

    public InProcessTestCluster Cluster { get; private set; } = null!;
    public MemoryLog Log { get; } = new();

    /// <summary>Another source for some tenants.</summary>
    public Func<TenantId, IEventSource?> SourceOf { get; set; } = _ => null;
    public List<(string Action, string Target, string Before, string After)> Admin { get; } = [];
    public SwitchRecorder Recorder { get; }
    public HttpClient Http { get; private set; } = null!;
    public Role Role { get; set; } = Role.Admin;

    public DestinationCluster() => Recorder = new SwitchRecorder(Admin);

    public string ExportOf(string tenant, string id) => Path.Combine(_directory, "export", tenant, id, "events.ndjson");

    public async Task InitializeAsync()
    {
        Directory.CreateDirectory(_directory);
        _store = await JournalStore.OpenAsync(new JournalOptions { DataDirectory = _directory }, new NoFailure(), NullLoggerFactory.Instance);
        await _store.Database.MigrateAsync(SqlDestinationStore.Owner);
        EgressRule.TryParseList("127.0.0.0/8", out ImmutableArray<EgressRule> rules, out _);
        DeliveryServices services = new()
        {
            Store = new SqlDestinationStore(_store.Database), Source = tenant => SourceOf(tenant) ?? Log, Projection = tenant => new CanonicalProjection(tenant), Predicates = new PolicyPredicates(), Redactions = new PolicyRedactions(), Keyring = _store.Keyring,
            Http = new EgressHttp(new EgressGuard(rules, new PlatformEndpoints(), new SystemHostResolver())), ExportDirectory = Path.Combine(_directory, "export"), Origin = t => "log/" + t,
        };
        InProcessTestClusterBuilder builder = new(2);
        builder.ConfigureSilo((_, silo) =>
        {
            silo.UseInMemoryReminderService();
            silo.Services.AddSingleton(services);
            silo.Services.AddSingleton<IAdminRecorder>(Recorder);
        });
        Cluster = builder.Build();
        await Cluster.DeployAsync();
        WebApplicationBuilder web = WebApplication.CreateSlimBuilder();
        web.Logging.ClearProviders();
        web.WebHost.UseUrls("http://127.0.0.1:0");
        web.Services.AddSingleton<IGrainFactory>(_ => Cluster.Client);
        web.Services.AddSingleton(TimeProvider.System);
        web.Services.AddSingleton<IAdminLog>(new RecordingLog(Admin));
        _app = web.Build();
        _app.Use((context, next) =>
        {
            string tenant = context.Request.Headers["x-test-tenant"].ToString();
            context.Features.Set(new Caller(TenantId.Parse(tenant.Length == 0 ? "acme" : tenant), "k1", Role, null, null, false));
            return next(context);
        });
        _app.MapDestinations();
        await _app.StartAsync();
        Http = new HttpClient { BaseAddress = new Uri(_app.Urls.First() + "/api/v1/") };
    }

    public async Task DisposeAsync()
    {
        Http.Dispose();
        await _app.DisposeAsync();
        await Cluster.DisposeAsync();
        await _store.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    private sealed class NoFailure : IJournalFailure
    {
        public void Fatal(string reason, Exception? exception) => throw new InvalidOperationException(reason, exception);
    }

    private sealed class RecordingLog(List<(string, string, string, string)> entries) : IAdminLog
    {
        public Task<long> RecordAsync(Caller caller, string action, string target, ReadOnlyMemory<byte> before, ReadOnlyMemory<byte> after, CancellationToken cancellationToken)
        {
            lock (entries)
            {
                entries.Add((action, target, Encoding.UTF8.GetString(before.Span), Encoding.UTF8.GetString(after.Span)));
            }

            return Task.FromResult(0L);
        }
    }
}

/// <summary>A log in memory that tests add to.</summary>
public sealed class MemoryLog : IEventSource
{
    private static readonly byte[] Envelope = EnvelopeCodec.Write(new Envelope { Stream = "activity", Receiver = "events" });
    private readonly List<StoredEvent> _events = [];

    public void Add(int count)
    {
        lock (_events)
        {
            for (int i = 0; i < count; i++)
            {
                _events.Add(new StoredEvent(_events.Count, 1_767_225_600_000_000_000, EntryKind.Event, Envelope, default, default,
                    JsonSerializer.SerializeToUtf8Bytes(new { actor = "user:u", action = "tool.call", result = i % 2 == 0 ? "denied" : "allowed" })));
            }
        }
    }

    public ValueTask<long> SizeAsync(CancellationToken cancellationToken)
    {
        lock (_events)
        {
            return ValueTask.FromResult((long)_events.Count);
        }
    }

    public async IAsyncEnumerable<SourceBlock> ReadAsync(long from, long to, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await ValueTask.CompletedTask;
        StoredEvent[] block;
        lock (_events)
        {
            block = [.. _events.Skip((int)from).Take((int)(Math.Min(to, _events.Count) - from))];
        }

        yield return new SourceBlock(block, default);
    }
}
