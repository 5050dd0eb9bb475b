using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Muniment.Cluster.Tests.Platform;
using Muniment.Events;
using Muniment.Events.Blocks;
using Muniment.Grains.Sessions;
using Muniment.Journal;
using Muniment.Journal.Positions;
using Muniment.Journal.Sessions;
using Muniment.Journal.Storage;
using Muniment.Messages.Sessions;
using Orleans.TestingHost;

namespace Muniment.Cluster.Tests.Sessions;

public sealed class SessionGrainTests : IAsyncLifetime
{
    private static readonly TenantId s_acme = TenantId.Parse("acme");
    private static readonly SessionQuestion s_any = new(null, null, null, null, null, long.MaxValue, 100);
    private readonly string _directory = Path.Combine(Path.GetTempPath(), "muniment-sessions-" + Guid.NewGuid().ToString("N"));
    private JournalStore _store = null!;
    private JournalHead _head = null!;
    private InProcessTestCluster _cluster = null!;
    private int _projections;

    private ISessionProjectionGrain Sessions => _cluster.Client.GetGrain<ISessionProjectionGrain>("acme");

    private ISessionGrain Session(string id) => _cluster.Client.GetGrain<ISessionGrain>("acme/" + id);

    public async Task InitializeAsync()
    {
        _store = await JournalStore.OpenAsync(new JournalOptions { DataDirectory = _directory }, new NoFailure(), NullLoggerFactory.Instance);
        await _store.Database.MigrateAsync(SessionTable.Owner);
        _head = await _store.Writer.AcquireAsync(s_acme, default);
        var table = new SessionTable(_store.Database, _store.Keyring);
        InProcessTestClusterBuilder builder = new(2);
        builder.ConfigureSilo((_, silo) =>
        {
            silo.Services.AddSingleton(TimeProvider.System);
            silo.Services.AddOptions<SessionOptions>();
            silo.Services.AddSingleton(new SessionReader(_store.Reader, _store.Positions, table, _store.Keyring, new SessionLimits { MaxFollowMs = 120_000 }, TimeProvider.System));
            silo.Services.AddSingleton<Func<TenantId, SessionProjection>>(tenant =>
            {
                Interlocked.Increment(ref _projections);
                return Projection(tenant);
            });
        });
        _cluster = builder.Build();
        await _cluster.DeployAsync();
    }

    public async Task DisposeAsync()
    {
        await _cluster.DisposeAsync();
        await _store.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task What_is_appended_is_listed_and_found_at_once_and_outlives_activations()
    {
        await AppendAsync("s/1", 12, TimeProvider.System.GetUtcNow());
        await AppendAsync("s2", 3, TimeProvider.System.GetUtcNow());
        Assert.Equal(["s2 3", "s/1 12"], await ListAsync());
        Assert.Equal((12L, false), await GetAsync("s/1"));

        await AppendAsync("s/1", 1, TimeProvider.System.GetUtcNow());
        Assert.Equal((13L, false), await GetAsync("s/1"));
        Assert.Equal(["s/1 13", "s2 3"], await ListAsync());
        long folded = (await PositionAsync(2_000_001)).NextSeq;
        await _cluster.DeactivateAsync(Sessions);
        await _cluster.DeactivateAsync(Session("s/1"));

        Assert.Equal(16, folded);
        Assert.Equal(["s/1 13", "s2 3"], await ListAsync());
        Assert.Equal((13L, false), await GetAsync("s/1"));
        Assert.Equal((0L, true), await GetAsync("none"));
    }

    [Fact]
    public async Task A_session_ends_after_half_an_hour_without_events_and_opens_again()
    {
        await AppendAsync("old", 2, TimeProvider.System.GetUtcNow() - TimeSpan.FromMinutes(31));
        Assert.Equal((2L, true), await GetAsync("old"));
        Assert.True(Assert.Single((await Sessions.List(s_any)).Sessions).Ended);

        await AppendAsync("old", 1, TimeProvider.System.GetUtcNow());
        Assert.Equal((3L, false), await GetAsync("old"));
    }

    [Fact]
    public async Task An_overtaken_activation_answers_right_and_goes_instead_of_taking_over_again()
    {
        await AppendAsync("s1", 20, TimeProvider.System.GetUtcNow());
        Assert.Equal(["s1 20"], await ListAsync());
        Assert.Equal(1, _projections);
        using SessionProjection other = Projection(s_acme);
        await AppendAsync("s1", 20, TimeProvider.System.GetUtcNow());
        Assert.Equal(SessionStepOutcome.Advanced, (await other.StepAsync(default)).Outcome);
        Assert.Equal(["s1 40"], await ListAsync()); // its step finds that another owner was here
        await AppendAsync("s1", 20, TimeProvider.System.GetUtcNow());
        Assert.Equal(SessionStepOutcome.Advanced, (await other.StepAsync(default)).Outcome);
        Assert.Equal(1, _projections);

        Assert.Equal(["s1 60"], await ListAsync()); // a new activation, which asks for the position
        Assert.Equal(2, _projections);
        await AppendAsync("s1", 1, TimeProvider.System.GetUtcNow());
        Assert.Equal(SessionStepOutcome.Overtaken, (await other.StepAsync(default)).Outcome);
        Assert.Equal(["s1 61"], await ListAsync());
        Assert.Equal(2, _projections);
    }

    [Fact]
    public async Task A_rebuild_ends_in_the_same_sessions_under_a_new_version()
    {
        await AppendAsync("s1", 40, TimeProvider.System.GetUtcNow());
        string[] before = await ListAsync();
        await Sessions.Rebuild();
        using CancellationTokenSource deadline = new(PlatformCluster.Patience);
        while (await _store.Positions.GetLiveVersionAsync(SessionProjection.Name, s_acme, deadline.Token) != 2_000_002)
        {
            Assert.Equal(before, await ListAsync());
        }

        Assert.Equal(before, await ListAsync());
    }

    private SessionProjection Projection(TenantId tenant) =>
        new(tenant, _store.Reader, _store.Positions, new SessionTable(_store.Database, _store.Keyring), new SessionLimits { MaxStepEvents = 5, MaxCatchUpMs = 120_000, MaxFollowMs = 120_000 }, TimeProvider.System);

    private async Task<string[]> ListAsync() =>
        [.. (await Sessions.List(s_any)).Sessions.Select(s => $"{JsonNode.Parse(s.Summary.Span)!["session"]} {s.Events}")];

    private async Task<(long Events, bool Ended)> GetAsync(string id)
    {
        SessionMessage message = await Session(id).Get();
        return (message.Events, message.Ended);
    }

    private ValueTask<ProjectionPosition> PositionAsync(int version) => _store.Positions.GetAsync(new ProjectionId(SessionProjection.Name, version, s_acme), default);

    private async Task AppendAsync(string session, int count, DateTimeOffset received)
    {
        long receivedNs = (received - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;
        using SegmentEncoder encoder = new();
        encoder.Begin(_store.Keyring.Current(s_acme), receivedNs);
        int envelope = encoder.AddEnvelope("""{"receiver":"events"}"""u8);
        for (int i = 0; i < count; i++)
        {
            encoder.Add(EntryKind.Event, envelope, -1, -1, Encoding.UTF8.GetBytes($$$"""{"actor":"user:u","action":"prompt","result":"info","trace":{"session":"{{{session}}}"}}"""), receivedNs);
            encoder.Add(TermField.Session, Encoding.UTF8.GetBytes(session));
        }

        CommitOutcome outcome = await _store.Writer.CommitAsync(_head, [new PendingAppend([encoder.Finish()], default, [], default)], default);
        Assert.Equal(CommitStatus.Committed, outcome.Status);
        _head = outcome.Head;
    }

    private sealed class NoFailure : IJournalFailure
    {
        public void Fatal(string reason, Exception? exception) => throw new InvalidOperationException(reason, exception);
    }
}
