using Muniment.Events;

namespace Muniment.Gateway.Upstreams;

/// <summary>The upstreams of tenants, from the gateway's own copy: an own change counts at once, another gateway's within 2 s.</summary>
public interface IUpstreamDirectory
{
    /// <summary>An upstream by its name, or null when the tenant has none of that name.</summary>
    /// <exception cref="Exception">The tenant could not be asked for too long; refuse with 503.</exception>
    ValueTask<Upstream?> FindAsync(TenantId tenant, string name);
}
