using System.Collections.Concurrent;
using Muniment.Events;
using Muniment.Journal.Index;
using Muniment.Journal.Storage;

namespace Muniment.Journal.Reading;

/// <summary>The directories of the tenants that were asked for. When they hold too much, those asked least recently are forgotten and read again when needed.</summary>
internal sealed class DirectoryCache(IStateDatabase database, TermIndex index)
{
    /// <summary>Bytes of terms over all directories.</summary>
    public const long MaxTermBytes = 48L << 20;

    /// <summary>Most directories.</summary>
    public const int MaxDirectories = 4096;

    private readonly ConcurrentDictionary<long, TenantDirectory> _directories = new();

    public TenantDirectory Of(TenantId tenant, long tenantNo)
    {
        if (_directories.TryGetValue(tenantNo, out TenantDirectory? known))
        {
            return known;
        }

        Trim();
        return _directories.GetOrAdd(tenantNo, number => new TenantDirectory(database, index, tenant, number));
    }

    private void Trim()
    {
        TenantDirectory[] oldestFirst = [.. _directories.Values.OrderBy(directory => directory.LastUsed)];
        long bytes = oldestFirst.Sum(directory => directory.TermBytes);
        int left = oldestFirst.Length;
        foreach (TenantDirectory directory in oldestFirst)
        {
            if (bytes <= MaxTermBytes && left < MaxDirectories)
            {
                return;
            }

            _directories.TryRemove(directory.TenantNo, out _);
            bytes -= directory.TermBytes;
            left--;
        }
    }
}
