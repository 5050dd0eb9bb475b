using Muniment.Events;
using Muniment.Gateway.Access;

namespace Muniment.Host;

/// <summary>What a start makes: at the first one the tenant and its key, and an <c>ingest</c> key to paste, which later starts print again as long as it counts.</summary>
internal static class FirstStart
{
    public static async Task<FirstKeys> EnsureAsync(IServiceProvider services, DataDirectory data)
    {
        var bootstrap = services.GetRequiredService<TenantBootstrap>();
        string? admin = await bootstrap.EnsureAsync(
            (key, _) =>
            {
                data.WriteAdminKey(key);
                return Task.CompletedTask;
            },
            CancellationToken.None);
        return new FirstKeys(admin, await IngestKeyAsync(bootstrap, data));
    }

    // Agents that were given it go on over restarts, and restarts do not pile up keys. Kept first: a crash between leaves a text that counts nowhere and is replaced.
    private static async Task<string> IngestKeyAsync(TenantBootstrap bootstrap, DataDirectory data)
    {
        if (data.ReadIngestKey() is { } kept && await bootstrap.CountsAsync(kept, TenantId.Default, Role.Ingest))
        {
            return kept;
        }

        return await bootstrap.IssueAsync(TenantId.Default, Role.Ingest, "printed at start", data.WriteIngestKey);
    }
}

/// <summary>Keys for the first screen.</summary>
/// <param name="Admin">The super-admin key, at the first start only.</param>
/// <param name="Ingest">The key to paste into an agent.</param>
internal sealed record FirstKeys(string? Admin, string Ingest);
