using System.Text.Json;
using Muniment.Events;
using Muniment.Journal.Durability;

namespace Muniment.Journal.Keys;

/// <summary>One durable file a tenant: <c>DIR/keys/tenants/NAME.json</c>.</summary>
internal sealed class FileKeyStore(string directory) : IWrappedKeyStore
{
    private readonly Lock _lock = new();
    private readonly string _directory = Path.Combine(directory, "tenants");

    public WrappedKeys? Load(TenantId tenant)
    {
        string path = PathOf(tenant);
        return File.Exists(path) ? JsonSerializer.Deserialize<WrappedKeys>(File.ReadAllBytes(path)) : null;
    }

    public WrappedKeys CreateOrLoad(TenantId tenant, WrappedKeys keys)
    {
        lock (_lock)
        {
            if (Load(tenant) is { } stored)
            {
                return stored;
            }

            DurableFile.CreateDirectory(_directory);
            DurableFile.Create(PathOf(tenant), JsonSerializer.SerializeToUtf8Bytes(keys));
            return keys;
        }
    }

    public bool Any() => Directory.Exists(_directory) && Directory.EnumerateFiles(_directory, "*.json").Any();

    private string PathOf(TenantId tenant) => Path.Combine(_directory, tenant.Value + ".json");
}
