using System.Collections.Concurrent;
using System.Net;
using System.Net.NetworkInformation;

namespace Muniment.Egress;

/// <summary>
/// The platform's own listeners and its database. No rule opens them: a destination must not reach the platform's own interface, nor feed it its own output.
/// Filled by the host once its ports are known. Thread-safe.
/// </summary>
public sealed class PlatformEndpoints
{
    private readonly ConcurrentDictionary<int, byte> _listeners = new();
    private readonly ConcurrentDictionary<(string Host, int Port), byte> _databases = new();

    /// <summary>Says that this process listens on the port (on whatever local address).</summary>
    public void AddListener(int port) => _listeners[port] = 0;

    /// <summary>Says where the database is.</summary>
    public void AddDatabase(string host, int port) => _databases[(host, port)] = 0;

    internal async ValueTask<bool> OwnsAsync(IPAddress address, int port, IHostResolver resolver, CancellationToken cancellationToken)
    {
        if (_listeners.ContainsKey(port) && IsLocal(address))
        {
            return true;
        }

        foreach ((string host, int databasePort) in _databases.Keys)
        {
            if (databasePort != port)
            {
                continue;
            }

            IReadOnlyList<IPAddress> addresses = IPAddress.TryParse(host, out IPAddress? literal)
                ? [literal]
                : await resolver.ResolveAsync(host, cancellationToken).ConfigureAwait(false);
            if (addresses.Any(a => AddressTable.Normalise(a).Equals(address)) || (addresses.Any(IPAddress.IsLoopback) && IsLocal(address)))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsLocal(IPAddress address) =>
        IPAddress.IsLoopback(address)
        || NetworkInterface.GetAllNetworkInterfaces().SelectMany(i => i.GetIPProperties().UnicastAddresses).Any(a => AddressTable.Normalise(a.Address).Equals(address));
}
