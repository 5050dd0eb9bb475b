using System.Collections.Immutable;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Muniment.Egress;
using Muniment.Events;
using Muniment.Gateway.Ingest;
using Muniment.Grains.Tenants;
using Muniment.Journal;
using Muniment.Silo;
using Muniment.Silo.Destinations;
using Orleans.TestingHost;

namespace Muniment.Cluster.Tests.Platform;

/// <summary>Silos with everything that the product's silo has, over a shared store; the doors are the gateway's own way into the journal, one in each silo.</summary>
public sealed class PlatformCluster : IAsyncDisposable
{
    /// <summary>Longest that a test waits for anything.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private PlatformCluster(PlatformStore store, InProcessTestCluster cluster) => (Store, Silos) = (store, cluster);

    public PlatformStore Store { get; }

    public InProcessTestCluster Silos { get; }

    public IGrainFactory Grains => Door(0);

    public IManagementGrain Management => Grains.GetGrain<IManagementGrain>(0);

    /// <summary>Every class of <c>Muniment.Grains</c> that is a grain, by the name of its kind.</summary>
    public static ImmutableSortedDictionary<string, Type> Kinds { get; } = typeof(TenantGrain).Assembly.GetTypes()
        .Where(type => type is { IsClass: true, IsAbstract: false } && typeof(IGrainBase).IsAssignableFrom(type))
        .ToImmutableSortedDictionary(type => (string)type.CustomAttributes.Single(a => a.AttributeType == typeof(GrainTypeAttribute)).ConstructorArguments[0].Value!, type => type);

    public static async Task<PlatformCluster> StartAsync(PlatformStore store, short silos)
    {
        EgressRule.TryParseList("127.0.0.0/8", out ImmutableArray<EgressRule> egress, out _);
        InProcessTestClusterBuilder builder = new(silos);
        builder.ConfigureSilo((_, silo) =>
        {
            MunimentSilo.ConfigureSilo(silo);
            store.Journal.AddTo(silo.Services);
            silo.Services.AddSingleton<IJournalWriter>(store.Commits);
            silo.Services.AddMunimentGrains(silo.Configuration, new DestinationOptions(Path.Combine(store.Folder, "export"), egress, tenant => $"test/{tenant}"));
#if !ORLEANS_LOCAL
            // Only to find a killed silo sooner; the stand-in needs no finding.
            silo.Configure<Orleans.Configuration.ClusterMembershipOptions>(options =>
            {
                options.ProbeTimeout = TimeSpan.FromSeconds(2); // and no sooner than a starved machine makes a living silo late
                options.NumMissedProbesLimit = 3;
            });
#endif
        });
        PlatformCluster platform = new(store, builder.Build());
        await platform.Silos.DeployAsync();
        return platform;
    }

    /// <summary>The grains as a gateway in that silo sees them.</summary>
    public IGrainFactory Door(int silo) => Silos.Silos[silo].ServiceProvider.GetRequiredService<IGrainFactory>();

    internal static JournalSink Sink(IGrainFactory door) => new(door, NullLogger<JournalSink>.Instance);

    /// <summary>Activations of one kind, of all tenants or of one; grains that are one for all tenants always count.</summary>
    public async Task<GrainId[]> ActivationsAsync(string kind, TenantId? tenant = null)
    {
        DetailedGrainStatistic[] all = await Management.GetDetailedGrainStatistics();
        return [.. all.Select(s => s.GrainId).Where(id => id.Type.ToString() == kind && IsOf(id.Key.ToString()!, tenant))];
    }

    /// <summary>The silo on which a grain lives.</summary>
    public async Task<InProcessSiloHandle> SiloOfAsync(GrainId grain)
    {
        DetailedGrainStatistic[] all = await Management.GetDetailedGrainStatistics();
        SiloAddress address = all.Single(s => s.GrainId == grain).SiloAddress;
        return Silos.Silos.Single(s => s.SiloAddress.Equals(address));
    }

    public ValueTask DisposeAsync() => Silos.DisposeAsync();

    private static bool IsOf(string key, TenantId? tenant) =>
        tenant is not { } one || key == one.Value || key.StartsWith(one.Value + "/", StringComparison.Ordinal) || !key.StartsWith(TestTenants.Prefix, StringComparison.Ordinal);
}

/// <summary>Names for tenants that no other test uses.</summary>
public static class TestTenants
{
    public const string Prefix = "t-";

    public static TenantId New() => TenantId.Parse(Prefix + Guid.NewGuid().ToString("N")[..12]);
}

/// <summary>Two silos that tests share which kill none.</summary>
public sealed class PlatformFixture : IAsyncLifetime
{
    public PlatformStore Store { get; private set; } = null!;

    public PlatformCluster Cluster { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Store = await PlatformStore.OpenAsync();
        Cluster = await PlatformCluster.StartAsync(Store, 2);
    }

    public async Task DisposeAsync()
    {
        await Cluster.DisposeAsync();
        await Store.DisposeAsync();
    }
}

[CollectionDefinition(Name)]
public sealed class TwoSilos : ICollectionFixture<PlatformFixture>
{
    public const string Name = "two silos";
}
