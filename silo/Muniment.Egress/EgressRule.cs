using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;

namespace Muniment.Egress;

/// <summary>
/// One entry of the operator's allow-list, <c>[TENANT=]CIDR[:PORT]</c>. Rules are the operator's, never a tenant's: they open reserved addresses and plain http.
/// </summary>
/// <param name="Tenant">Only for this tenant; null for all.</param>
/// <param name="Network">Which addresses.</param>
/// <param name="Port">Only this port; null for all.</param>
public sealed record EgressRule(string? Tenant, IPNetwork Network, int? Port)
{
    /// <summary>Most rules of one deployment.</summary>
    public const int MaxRules = 1024;

    /// <summary>Reads a comma-separated list; on failure <paramref name="error"/> names the entry and what was expected.</summary>
    public static bool TryParseList(string? text, out ImmutableArray<EgressRule> rules, [NotNullWhen(false)] out string? error)
    {
        ImmutableArray<EgressRule>.Builder list = ImmutableArray.CreateBuilder<EgressRule>();
        rules = [];
        foreach (string entry in (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (!TryParse(entry, out EgressRule? rule))
            {
                error = $"'{entry}': expected [TENANT=]CIDR[:PORT], such as 10.0.0.0/8, 127.0.0.1/32:8088 or acme=[fd00::/8]:443";
                return false;
            }

            if (list.Count == MaxRules)
            {
                error = $"expected at most {MaxRules} entries";
                return false;
            }

            list.Add(rule);
        }

        rules = list.ToImmutable();
        error = null;
        return true;
    }

    /// <summary>Whether the rule opens this address and port to this tenant. The IPv6 loopback counts as 127.0.0.1, because one name means both.</summary>
    public bool Allows(string tenant, IPAddress address, int port) =>
        (Tenant is null || Tenant == tenant) && (Port is null || Port == port)
        && (Network.Contains(address) || (address.Equals(IPAddress.IPv6Loopback) && Network.Contains(IPAddress.Loopback)));

    private static bool TryParse(string entry, [NotNullWhen(true)] out EgressRule? rule)
    {
        rule = null;
        string? tenant = null;
        int equals = entry.IndexOf('=', StringComparison.Ordinal);
        if (equals >= 0)
        {
            tenant = entry[..equals].Trim();
            entry = entry[(equals + 1)..].Trim();
            if (tenant.Length == 0)
            {
                return false;
            }
        }

        (string network, string? portText) = SplitPort(entry);
        int? port = null;
        if (portText is not null)
        {
            if (!ushort.TryParse(portText, NumberStyles.None, CultureInfo.InvariantCulture, out ushort value) || value == 0)
            {
                return false;
            }

            port = value;
        }

        if (!network.Contains('/', StringComparison.Ordinal))
        {
            if (!IPAddress.TryParse(network, out IPAddress? single))
            {
                return false;
            }

            single = AddressTable.Normalise(single);
            rule = new EgressRule(tenant, new IPNetwork(single, single.GetAddressBytes().Length * 8), port);
            return true;
        }

        if (!IPNetwork.TryParse(network, out IPNetwork parsed))
        {
            return false;
        }

        rule = new EgressRule(tenant, parsed, port);
        return true;
    }

    private static (string Network, string? Port) SplitPort(string entry)
    {
        if (entry.StartsWith('['))
        {
            int close = entry.IndexOf(']', StringComparison.Ordinal);
            if (close < 0)
            {
                return (entry, null);
            }

            string rest = entry[(close + 1)..];
            return (entry[1..close], rest.Length == 0 ? null : rest.StartsWith(':') ? rest[1..] : "bad");
        }

        // After a slash there is only a prefix length, so a colon there begins a port; without one, a single colon does.
        int slash = entry.IndexOf('/', StringComparison.Ordinal);
        int colon = slash >= 0 ? entry.IndexOf(':', slash) : entry.Count(c => c == ':') == 1 ? entry.IndexOf(':', StringComparison.Ordinal) : -1;
        return colon < 0 ? (entry, null) : (entry[..colon], entry[(colon + 1)..]);
    }
}
