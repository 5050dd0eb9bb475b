using System.Net;

namespace Muniment.Egress;

/// <summary>Turns a host name into addresses. Replaced in tests to play a name server that changes its mind.</summary>
public interface IHostResolver
{
    /// <summary>All addresses of the name; empty when it has none or does not exist.</summary>
    ValueTask<IReadOnlyList<IPAddress>> ResolveAsync(string host, CancellationToken cancellationToken);
}
