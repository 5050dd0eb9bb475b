using System.Collections.Concurrent;
using System.Collections.Immutable;
using Muniment.Grains.Tenants;
using Muniment.Messages.Tenants;

namespace Muniment.Cluster.Tests.Tenants;

/// <summary>Contents of policies in memory, shared by all silos of a test.</summary>
internal sealed class MemoryPolicyStore : IPolicyStore
{
    private readonly ConcurrentDictionary<(string Tenant, string Name, long Version), PolicyMessage> _rows = new();

    public Task PutAsync(string tenant, PolicyMessage policy)
    {
        _rows[(tenant, policy.Name, policy.Version)] = policy;
        return Task.CompletedTask;
    }

    public Task<PolicyMessage?> FindAsync(string tenant, string name, long version) => Task.FromResult(_rows.GetValueOrDefault((tenant, name, version)));

    public Task<ImmutableArray<PolicyMessage>> ListAsync(string tenant, string name, long below, int limit) => Task.FromResult<ImmutableArray<PolicyMessage>>(
        [.. _rows.Where(row => row.Key.Tenant == tenant && row.Key.Name == name && row.Key.Version < below).Select(row => row.Value).OrderByDescending(row => row.Version).Take(limit)]);
}
