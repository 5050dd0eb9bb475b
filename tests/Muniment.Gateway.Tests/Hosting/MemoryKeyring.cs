using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Muniment.Events;
using Muniment.Events.Keys;

namespace Muniment.Gateway.Tests.Hosting;

internal sealed class MemoryKeyring : ITenantKeyring
{
    private readonly ConcurrentDictionary<TenantId, TenantKeys> _keys = new();

    public TenantKeys Current(TenantId tenant) => _keys.GetOrAdd(tenant, static name => new TenantKeys(name, 1, SHA256.HashData(Encoding.UTF8.GetBytes(name.Value))));

    public TenantKeys? Find(TenantId tenant, uint keyId) => keyId == 1 ? Current(tenant) : null;
}
