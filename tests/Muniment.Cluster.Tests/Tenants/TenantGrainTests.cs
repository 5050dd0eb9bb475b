using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Muniment.Grains.Administration;
using Muniment.Grains.Tenants;
using Muniment.Messages.Administration;
using Muniment.Messages.Tenants;
using Orleans.Runtime.Hosting;
using Orleans.Storage;
using Orleans.TestingHost;

namespace Muniment.Cluster.Tests.Tenants;

public sealed class TenantGrainTests : IAsyncLifetime
{
    private readonly SwitchStorage _storage = new();
    private readonly List<(string Action, string Target, string Before, string After)> _admin = [];
    private readonly MemoryPolicyStore _policies = new();
    private readonly SwitchRecorder _recorder;
    private readonly InProcessTestCluster _cluster;

    public TenantGrainTests()
    {
        InProcessTestClusterBuilder builder = new(2);
        _recorder = new SwitchRecorder(_admin);
        builder.ConfigureSilo((_, silo) =>
        {
            silo.Services.AddGrainStorage(TenantState.StorageName, (_, _) => _storage);
            silo.Services.AddSingleton<IAdminRecorder>(_recorder);
            silo.Services.AddSingleton<IPolicyStore>(_policies);
            silo.Services.AddSingleton(TimeProvider.System);
        });
        _cluster = builder.Build();
    }

    private ITenantDirectoryGrain Directory => _cluster.Client.GetGrain<ITenantDirectoryGrain>(ITenantDirectoryGrain.Key);

    private ITenantGrain Blue => _cluster.Client.GetGrain<ITenantGrain>("blue");

    [Fact]
    public async Task A_tenant_its_keys_and_settings_outlive_their_activations()
    {
        Assert.Equal(TenantChangeStatus.Done, (await Directory.Create(Tenant("blue"), Key("a", "admin"), null)).Status);
        Assert.Equal(TenantChangeStatus.Done, (await Blue.AddKey(Key("b", "ingest"), null)).Status);
        await Blue.PutSettings(new SettingsMessage("org", -1, [new SettingMessage("mask", "\"all\"", "org")], ["mask"]), null);
        await Blue.RevokeKey("a", null);
        long version = (await Blue.GetSnapshot(-1)).Version;

        await _cluster.DeactivateAsync(Blue);
        await _cluster.DeactivateAsync(Directory);

        TenantSnapshotMessage snapshot = await Blue.GetSnapshot(-1);
        Assert.Equal(version, snapshot.Version);
        KeyMessage key = Assert.Single(snapshot.Keys);
        Assert.Equal(("b", "ingest"), (key.Id, key.Role));
        Assert.Equal(new byte[] { 1, 2, 3, 4 }, key.Hash.ToArray());
        Assert.Equal("\"all\"", Assert.Single((await Blue.GetEffectiveSettings("atlas", "jane")).Values).ValueJson);
        Assert.Equal("blue", Assert.Single((await Directory.List(-1)).Tenants).Id);
    }

    [Fact]
    public async Task Who_knows_the_version_gets_no_keys()
    {
        await Directory.Create(Tenant("blue"), Key("a", "admin"), null);
        TenantSnapshotMessage all = await Blue.GetSnapshot(-1);
        Assert.Single(all.Keys);
        Assert.Empty((await Blue.GetSnapshot(all.Version)).Keys);
        TenantListMessage list = await Directory.List(-1);
        Assert.Empty((await Directory.List(list.Version)).Tenants);
    }

    [Fact]
    public async Task Two_makers_of_one_tenant_one_wins()
    {
        TenantChange[] changes = await Task.WhenAll(Directory.Create(Tenant("blue"), Key("a", "admin"), null), Directory.Create(Tenant("blue"), Key("b", "admin"), null));
        Assert.Equal([TenantChangeStatus.Done, TenantChangeStatus.Conflict], changes.Select(change => change.Status).Order());
        Assert.Single((await Blue.GetSnapshot(-1)).Keys);
    }

    [Fact]
    public async Task A_failed_write_changes_nothing_that_is_seen()
    {
        await Directory.Create(Tenant("blue"), Key("a", "admin"), null);
        _storage.Fails = grain => grain.Contains("blue", StringComparison.Ordinal);
        await Assert.ThrowsAnyAsync<Exception>(() => Blue.AddKey(Key("b", "ingest"), null));
        _storage.Fails = _ => false;
        Assert.Equal("a", Assert.Single((await Blue.GetSnapshot(-1)).Keys).Id);
        Assert.Equal(TenantChangeStatus.Done, (await Blue.AddKey(Key("c", "ingest"), null)).Status);
    }

    [Fact]
    public async Task A_crash_between_making_and_listing_is_mended_by_the_repeat()
    {
        _storage.Fails = grain => grain.Contains("directory", StringComparison.Ordinal);
        await Assert.ThrowsAnyAsync<Exception>(() => Directory.Create(Tenant("blue"), Key("lost", "admin"), null));
        _storage.Fails = _ => false;
        Assert.Empty((await Directory.List(-1)).Tenants);
        Assert.Equal(TenantChangeStatus.Done, (await Directory.Create(Tenant("blue"), Key("kept", "admin"), null)).Status);
        Assert.Equal("kept", Assert.Single((await Blue.GetSnapshot(-1)).Keys).Id);
    }

    [Fact]
    public async Task A_change_is_answered_when_it_is_recorded_and_recorded_once()
    {
        await Directory.Create(Tenant("blue"), Key("a", "admin"), Act("tenant.create", "blue"));
        Assert.Equal(["tenant.create", "tenant.create"], Recorded.Select(e => e.Action)); // the tenant's own journal and that of who acted
        TenantChange change = await Blue.AddKey(Key("b", "ingest"), Act("key.create", "b"));
        Assert.Equal(TenantChangeStatus.Done, change.Status);
        (string action, string target, string before, string after) = Recorded[^1];
        Assert.Equal(("key.create", "b", ""), (action, target, before));
        Assert.Contains("\"key\":\"***\"", after, StringComparison.Ordinal);
        await _cluster.DeactivateAsync(Blue);
        await Blue.GetSnapshot(-1);
        Assert.Equal(3, Recorded.Length);
        Assert.Equal(TenantChangeStatus.NotFound, (await Blue.RevokeKey("none", Act("key.revoke", "none"))).Status);
        Assert.Equal(3, Recorded.Length);
    }

    [Fact]
    public async Task A_change_that_the_journal_does_not_take_stands_is_said_and_is_recorded_before_the_next_one()
    {
        await Directory.Create(Tenant("blue"), Key("a", "admin"), null);
        _recorder.Fails = _ => true;
        Assert.Equal(TenantChangeStatus.Unrecorded, (await Blue.AddKey(Key("b", "ingest"), Act("key.create", "b"))).Status);
        Assert.Equal(["a", "b"], (await Blue.GetSnapshot(-1)).Keys.Select(key => key.Id));
        Assert.Equal(TenantChangeStatus.Unrecorded, (await Blue.RevokeKey("a", Act("key.revoke", "a"))).Status);
        Assert.Equal(["a", "b"], (await Blue.GetSnapshot(-1)).Keys.Select(key => key.Id)); // not made
        _recorder.Fails = _ => false;
        Assert.Equal(TenantChangeStatus.Done, (await Blue.RevokeKey("a", Act("key.revoke", "a"))).Status);
        Assert.Equal(["key.create", "key.revoke"], Recorded.Select(e => e.Action));
    }

    [Fact]
    public async Task An_activation_that_died_between_the_two_is_made_good_by_the_next()
    {
        await Directory.Create(Tenant("blue"), Key("a", "admin"), null);
        _recorder.Fails = _ => true;
        await Blue.PutSettings(new SettingsMessage("org", -1, [new SettingMessage("mask", "\"all\"", "org")], []), Act("settings.update", "org"));
        await _cluster.DeactivateAsync(Blue);
        _recorder.Fails = _ => false;
        await Blue.GetSnapshot(-1); // activates; nobody waits for the journal
        await Until(() => Recorded.Length == 1);
        Assert.Equal("settings.update", Recorded[0].Action);
        await Blue.AddKey(Key("c", "ingest"), null);
        int calls = _recorder.Calls;
        await _cluster.DeactivateAsync(Blue);
        await Blue.AddKey(Key("d", "ingest"), null);
        Assert.Equal(calls, _recorder.Calls); // forgotten, not only known
    }

    [Fact]
    public async Task A_tenants_quota_can_be_changed_and_both_journals_tell()
    {
        await Directory.Create(Tenant("blue"), Key("a", "admin"), null);
        TenantMessage wanted = Tenant("blue") with { Quota = new QuotaMessage(7, 0, 0), CreatedMs = 99 };
        Assert.Equal(TenantChangeStatus.Done, (await Directory.Update(wanted, Act("tenant.update", "blue"))).Status);
        Assert.Equal(7, (await Blue.GetSnapshot(-1)).Tenant!.Quota.EventsPerSecond);
        TenantMessage listed = Assert.Single((await Directory.List(-1)).Tenants);
        Assert.Equal((7L, 1L), (listed.Quota.EventsPerSecond, listed.CreatedMs));
        Assert.Equal(["tenant.update", "tenant.update"], Recorded.Select(e => e.Action));
        Assert.All(Recorded, e => Assert.True(e.Before.Contains("\"events_per_s\":0", StringComparison.Ordinal) && e.After.Contains("\"events_per_s\":7", StringComparison.Ordinal)));
        Assert.Equal(TenantChangeStatus.Unchanged, (await Directory.Update(wanted, Act("tenant.update", "blue"))).Status);
        Assert.Equal(2, Recorded.Length);
        Assert.Equal(TenantChangeStatus.NotFound, (await Directory.Update(Tenant("red"), Act("tenant.update", "red"))).Status);
    }

    [Fact]
    public async Task A_directory_that_died_between_the_two_is_made_good_too()
    {
        await Directory.Create(Tenant("blue"), Key("a", "admin"), null);
        _recorder.Fails = _ => true;
        Assert.Equal(TenantChangeStatus.Unrecorded, (await Directory.Update(Tenant("blue") with { Name = "Blue" }, Act("tenant.update", "blue"))).Status);
        Assert.Equal("Blue", Assert.Single((await Directory.List(-1)).Tenants).Name); // in force, so listed
        _recorder.Fails = _ => false;
        // The repeat records what both hold.
        Assert.Equal(TenantChangeStatus.Unchanged, (await Directory.Update(Tenant("blue") with { Name = "Blue" }, Act("tenant.update", "blue"))).Status);
        Assert.Equal("Blue", Assert.Single((await Directory.List(-1)).Tenants).Name);
        Assert.Equal(2, Recorded.Length);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_new_tenant_that_a_journal_does_not_take_is_not_listed_and_the_repeat_replaces_it(int failing)
    {
        int calls = 0;
        _recorder.Fails = _ => ++calls >= failing; // the tenant's own journal, or that of who acted
        Assert.Equal(TenantChangeStatus.Unrecorded, (await Directory.Create(Tenant("blue"), Key("lost", "admin"), Act("tenant.create", "blue"))).Status);
        Assert.Empty((await Directory.List(-1)).Tenants);
        _recorder.Fails = _ => false;
        Assert.Equal(TenantChangeStatus.Done, (await Directory.Create(Tenant("blue"), Key("kept", "admin"), Act("tenant.create", "blue"))).Status);
        Assert.Equal("blue", Assert.Single((await Directory.List(-1)).Tenants).Id);
        Assert.Equal("kept", Assert.Single((await Blue.GetSnapshot(-1)).Keys).Id);
    }

    [Fact]
    public async Task A_key_of_a_full_tenant_can_be_revoked()
    {
        await Directory.Create(Tenant("blue"), Key("a", "admin"), null);
        string value = $"\"{new string('x', TenantLimits.MaxDocumentLength - 2000)}\"";
        Assert.Equal(TenantChangeStatus.Done, (await Blue.PutSettings(new SettingsMessage("org", -1, [new SettingMessage("mask", value, "org")], []), null)).Status);
        byte[] asked = JsonSerializer.SerializeToUtf8Bytes(new string('x', 4000));
        Assert.Equal(TenantChangeStatus.LimitReached, (await Blue.AddKey(Key("b", "ingest"), Act("key.create", "b") with { Asked = asked })).Status);
        Assert.Equal(TenantChangeStatus.Done, (await Blue.RevokeKey("a", Act("key.revoke", "a") with { Asked = asked })).Status);
        Assert.Empty((await Blue.GetSnapshot(-1)).Keys);
    }

    private (string Action, string Target, string Before, string After)[] Recorded
    {
        get
        {
            lock (_admin)
            {
                return [.. _admin];
            }
        }
    }

    private static ActMessage Act(string action, string target) => new(Guid.NewGuid().ToString(), "default", "k1", null, "admin", action, target, null, 1_767_225_600_000_000_000, default);

    private static async Task Until(Func<bool> condition)
    {
        for (DateTime end = DateTime.UtcNow.AddMinutes(3); !condition(); await Task.Delay(10))
        {
            Assert.True(DateTime.UtcNow < end, "not in time");
        }
    }

    public Task InitializeAsync() => _cluster.DeployAsync();

    public async Task DisposeAsync() => await _cluster.DisposeAsync();

    private static TenantMessage Tenant(string id) => new(id, null, null, QuotaMessage.None, 1);

    private static KeyMessage Key(string id, string role) => new(id, role, null, new byte[] { 1, 2, 3, 4 }, null, null, false, 1, 0);

    /// <summary>State as JSON in memory, with etags, that fails when told.</summary>
    private sealed class SwitchStorage : IGrainStorage
    {
        private readonly ConcurrentDictionary<string, (string Json, long Version)> _rows = new();

        public Func<string, bool> Fails { get; set; } = _ => false;

        public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
        {
            bool exists = _rows.TryGetValue(grainId.ToString(), out (string Json, long Version) row);
            grainState.RecordExists = exists;
            grainState.ETag = exists ? row.Version.ToString() : null;
            grainState.State = exists ? JsonSerializer.Deserialize<T>(row.Json)! : Activator.CreateInstance<T>();
            return Task.CompletedTask;
        }

        public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
        {
            if (Fails(grainId.ToString()))
            {
                throw new IOException("the disk is gone");
            }

            (string Json, long Version) row = _rows.GetValueOrDefault(grainId.ToString(), ("", 0));
            if (grainState.ETag != (row.Version == 0 ? null : row.Version.ToString()))
            {
                throw new InconsistentStateException("stale");
            }

            _rows[grainId.ToString()] = (JsonSerializer.Serialize(grainState.State), row.Version + 1);
            grainState.ETag = (row.Version + 1).ToString();
            grainState.RecordExists = true;
            return Task.CompletedTask;
        }

        public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
        {
            _rows.TryRemove(grainId.ToString(), out _);
            return Task.CompletedTask;
        }
    }
}
