using Muniment.Events;
using Muniment.Gateway.Access;

namespace Muniment.Host;

/// <summary>What a start makes: at the first one the tenant and its key, at each a fresh <c>ingest</c> key to paste.</summary>
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
        return new FirstKeys(admin, await bootstrap.IssueAsync(TenantId.Default, Role.Ingest, "printed at start"));
    }
}

/// <summary>Keys for the first screen.</summary>
/// <param name="Admin">The super-admin key, at the first start only.</param>
/// <param name="Ingest">The key to paste into an agent; null when earlier starts made so many that no more are made.</param>
internal sealed record FirstKeys(string? Admin, string? Ingest);
