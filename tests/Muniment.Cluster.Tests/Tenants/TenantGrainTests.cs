using System.Collections.Concurrent;
using System.Text.Json;
using Muniment.Grains.Tenants;
using Muniment.Messages.Tenants;
using Orleans.Runtime.Hosting;
using Orleans.Storage;
using Orleans.TestingHost;

namespace Muniment.Cluster.Tests.Tenants;

public sealed class TenantGrainTests : IAsyncLifetime
{
    private readonly SwitchStorage _storage = new();
    private readonly InProcessTestCluster _cluster;

    public TenantGrainTests()
    {
        InProcessTestClusterBuilder builder = new(2);
        builder.ConfigureSilo((_, silo) => silo.Services.AddGrainStorage(TenantState.StorageName, (_, _) => _storage));
        _cluster = builder.Build();
    }

    private ITenantDirectoryGrain Directory => _cluster.Client.GetGrain<ITenantDirectoryGrain>(ITenantDirectoryGrain.Key);

    private ITenantGrain Blue => _cluster.Client.GetGrain<ITenantGrain>("blue");

    [Fact]
    public async Task A_tenant_its_keys_and_settings_outlive_their_activations()
    {
        Assert.Equal(TenantChangeStatus.Done, (await Directory.Create(Tenant("blue"), Key("a", "admin"))).Status);
        Assert.Equal(TenantChangeStatus.Done, (await Blue.AddKey(Key("b", "ingest"))).Status);
        await Blue.PutSettings(new SettingsMessage("org", -1, [new SettingMessage("mask", "\"all\"", "org")], ["mask"]));
        await Blue.RevokeKey("a");
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
        await Directory.Create(Tenant("blue"), Key("a", "admin"));
        TenantSnapshotMessage all = await Blue.GetSnapshot(-1);
        Assert.Single(all.Keys);
        Assert.Empty((await Blue.GetSnapshot(all.Version)).Keys);
        TenantListMessage list = await Directory.List(-1);
        Assert.Empty((await Directory.List(list.Version)).Tenants);
    }

    [Fact]
    public async Task Two_makers_of_one_tenant_one_wins()
    {
        TenantChange[] changes = await Task.WhenAll(Directory.Create(Tenant("blue"), Key("a", "admin")), Directory.Create(Tenant("blue"), Key("b", "admin")));
        Assert.Equal([TenantChangeStatus.Done, TenantChangeStatus.Conflict], changes.Select(change => change.Status).Order());
        Assert.Single((await Blue.GetSnapshot(-1)).Keys);
    }

    [Fact]
    public async Task A_failed_write_changes_nothing_that_is_seen()
    {
        await Directory.Create(Tenant("blue"), Key("a", "admin"));
        _storage.Fails = grain => grain.Contains("blue", StringComparison.Ordinal);
        await Assert.ThrowsAnyAsync<Exception>(() => Blue.AddKey(Key("b", "ingest")));
        _storage.Fails = _ => false;
        Assert.Equal("a", Assert.Single((await Blue.GetSnapshot(-1)).Keys).Id);
        Assert.Equal(TenantChangeStatus.Done, (await Blue.AddKey(Key("c", "ingest"))).Status);
    }

    [Fact]
    public async Task A_crash_between_making_and_listing_is_mended_by_the_repeat()
    {
        _storage.Fails = grain => grain.Contains("directory", StringComparison.Ordinal);
        await Assert.ThrowsAnyAsync<Exception>(() => Directory.Create(Tenant("blue"), Key("lost", "admin")));
        _storage.Fails = _ => false;
        Assert.Empty((await Directory.List(-1)).Tenants);
        Assert.Equal(TenantChangeStatus.Done, (await Directory.Create(Tenant("blue"), Key("kept", "admin"))).Status);
        Assert.Equal("kept", Assert.Single((await Blue.GetSnapshot(-1)).Keys).Id);
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
