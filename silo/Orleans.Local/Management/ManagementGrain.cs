using Orleans.Local.Activations;
using Orleans.Local.Silos;
using Orleans.Runtime;

namespace Orleans.Local.Management;

/// <summary>Answers from the silos of this process.</summary>
internal sealed class ManagementGrain(LocalCluster cluster) : IManagementGrain
{
    public Task<Dictionary<SiloAddress, SiloStatus>> GetHosts(bool onlyActive = false) =>
        Task.FromResult(cluster.Active.ToDictionary(silo => silo.Address, silo => silo.Status));

    public Task<int> GetTotalActivationCount() => Task.FromResult(Activations().Count());

    public Task<SimpleGrainStatistic[]> GetSimpleGrainStatistics() => Task.FromResult(Activations()
        .GroupBy(activation => (activation.Class, activation.Silo))
        .Select(group => new SimpleGrainStatistic { GrainType = NameOf(group.Key.Class), SiloAddress = group.Key.Silo.Address, ActivationCount = group.Count() })
        .ToArray());

    public Task<DetailedGrainStatistic[]> GetDetailedGrainStatistics(string[]? types = null, SiloAddress[]? hostsIds = null) => Task.FromResult(Activations()
        .Where(activation => (types is null || types.Contains(NameOf(activation.Class))) && (hostsIds is null || hostsIds.Contains(activation.Silo.Address)))
        .Select(activation => new DetailedGrainStatistic { GrainType = NameOf(activation.Class), SiloAddress = activation.Silo.Address, GrainId = activation.GrainId })
        .ToArray());

    public Task ForceActivationCollection(TimeSpan ageLimit) => Task.WhenAll(cluster.Active.Select(silo => silo.CollectAsync(ageLimit)));

    private static string NameOf(GrainClass grainClass) => $"{grainClass.Type.FullName},{grainClass.Type.Assembly.GetName().Name}";

    private IEnumerable<Activation> Activations() => cluster.Active.SelectMany(silo => silo.Activations.Keys);
}
