using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Muniment.Egress;

/// <summary>
/// The one way out. At connect time the host is resolved once, every address is tested, and the socket goes to a tested address, so neither a spelling nor a second
/// DNS answer gets around the list. Immutable but for <see cref="PlatformEndpoints"/>; thread-safe.
/// </summary>
public sealed class EgressGuard(ImmutableArray<EgressRule> rules, PlatformEndpoints platform, IHostResolver resolver)
{
    /// <summary>Most addresses of one name that are tested; a name with more is refused.</summary>
    public const int MaxAddresses = 64;

    /// <summary>Longest wait for one TCP connection.</summary>
    public static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Resolves and tests.</summary>
    /// <param name="tenant">On whose behalf.</param>
    /// <param name="host">Name or literal, as it stands in the URL.</param>
    /// <param name="port">Port.</param>
    /// <param name="secure">False for plain text, which needs a rule even towards public addresses.</param>
    /// <param name="cancellationToken">Ends the resolution.</param>
    public async ValueTask<EgressVerdict> CheckAsync(string tenant, string host, int port, bool secure, CancellationToken cancellationToken)
    {
        string name = host.TrimEnd('.').Trim('[', ']');
        if (IsMetadataName(name) || !Ascii.IsValid(name)) // digits of other scripts: resolvers disagree about them
        {
            return new EgressVerdict(EgressStatus.Refused, []);
        }

        IReadOnlyList<IPAddress> found = IPAddress.TryParse(name, out IPAddress? literal)
            ? [literal]
            : await resolver.ResolveAsync(name, cancellationToken).ConfigureAwait(false);
        if (found.Count == 0)
        {
            return new EgressVerdict(EgressStatus.Unresolved, []);
        }

        if (found.Count > MaxAddresses)
        {
            return new EgressVerdict(EgressStatus.Refused, []);
        }

        ImmutableArray<IPAddress> addresses = [.. found.Select(AddressTable.Normalise)];
        foreach (IPAddress address in addresses)
        {
            if (!await MayAsync(tenant, address, port, secure, cancellationToken).ConfigureAwait(false))
            {
                return new EgressVerdict(EgressStatus.Refused, []);
            }
        }

        return new EgressVerdict(EgressStatus.Allowed, addresses);
    }

    /// <summary>Checks, then connects to one of the tested addresses.</summary>
    /// <exception cref="EgressException">Refused, or no address.</exception>
    public async ValueTask<Socket> ConnectAsync(string tenant, string host, int port, bool secure, CancellationToken cancellationToken)
    {
        EgressVerdict verdict = await CheckAsync(tenant, host, port, secure, cancellationToken).ConfigureAwait(false);
        if (verdict.Status != EgressStatus.Allowed)
        {
            throw new EgressException(verdict.Status);
        }

        Exception? last = null;
        foreach (IPAddress address in verdict.Addresses)
        {
            Socket socket = new(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(new IPEndPoint(address, port), cancellationToken).ConfigureAwait(false);
                return socket;
            }
            catch (Exception exception) when (exception is SocketException)
            {
                socket.Dispose();
                last = exception;
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }

        throw last!;
    }

    private async ValueTask<bool> MayAsync(string tenant, IPAddress address, int port, bool secure, CancellationToken cancellationToken)
    {
        AddressClass kind = AddressTable.Classify(address);
        if (kind == AddressClass.Forbidden)
        {
            return false;
        }

        bool ruled = rules.Any(rule => rule.Allows(tenant, address, port));
        if (!ruled && (kind == AddressClass.Reserved || !secure))
        {
            return false;
        }

        return !await platform.OwnsAsync(address, port, resolver, cancellationToken).ConfigureAwait(false);
    }

    private static bool IsMetadataName(string name) =>
        name.Equals("metadata.google.internal", StringComparison.OrdinalIgnoreCase) || name.Equals("metadata", StringComparison.OrdinalIgnoreCase)
        || name.EndsWith(".metadata.google.internal", StringComparison.OrdinalIgnoreCase) || name.Equals("instance-data", StringComparison.OrdinalIgnoreCase);
}
