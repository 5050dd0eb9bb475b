using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Muniment.Egress;

/// <summary>
/// The deny list: IANA's special-purpose registries (RFC 6890 and successors), cloud metadata addresses, and every IPv6 form that carries an IPv4 address inside.
/// </summary>
public static class AddressTable
{
    private static readonly IPNetwork[] ForbiddenNetworks = Parse(
        "0.0.0.0/8", "224.0.0.0/4", "255.255.255.255/32", // unspecified reaches loopback on Linux
        "169.254.169.254/32", "169.254.169.253/32", "169.254.169.123/32", "169.254.170.2/32", "169.254.170.23/32", // AWS, Azure, GCP, ECS, EKS
        "100.100.100.200/32", "168.63.129.16/32", "192.0.0.192/32", // Alibaba, Azure wire server, Oracle
        "::/128", "ff00::/8", "fd00:ec2::254/128", "fd00:ec2::23/128", "fd20:ce::254/128");

    private static readonly IPNetwork[] ReservedNetworks = Parse(
        "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24",
        "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
        "::/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16",
        "fc00::/7", "fe80::/10", "fec0::/10");

    /// <summary>The address without scope and without an IPv4-mapped wrapping: what is tested is what is connected to.</summary>
    public static IPAddress Normalise(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4();
        }

        return address.AddressFamily == AddressFamily.InterNetworkV6 && address.ScopeId != 0 ? new IPAddress(address.GetAddressBytes()) : address;
    }

    /// <summary>Class of a normalised address.</summary>
    public static AddressClass Classify(IPAddress address)
    {
        if (Contains(ForbiddenNetworks, address))
        {
            return AddressClass.Forbidden;
        }

        if (!Contains(ReservedNetworks, address))
        {
            return AddressClass.Public;
        }

        // A tunnel to a metadata address is as bad as the address itself.
        return Embedded(address) is IPAddress inner && Contains(ForbiddenNetworks, inner) && !address.Equals(IPAddress.IPv6Loopback)
            ? AddressClass.Forbidden
            : AddressClass.Reserved;
    }

    private static IPAddress? Embedded(IPAddress address)
    {
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return null;
        }

        byte[] bytes = address.GetAddressBytes();
        uint first = BinaryPrimitives.ReadUInt32BigEndian(bytes);
        return first switch
        {
            0x20010000 => new IPAddress([.. bytes[12..16].Select(b => (byte)~b)]), // Teredo, RFC 4380
            _ when first >> 16 == 0x2002 => new IPAddress(bytes.AsSpan(2, 4)), // 6to4, RFC 3056
            0x0064ff9b or 0 when bytes.AsSpan(4, 8).IndexOfAnyExcept((byte)0) < 0 => new IPAddress(bytes.AsSpan(12, 4)), // NAT64, RFC 6052; IPv4-compatible
            _ => null,
        };
    }

    private static bool Contains(IPNetwork[] networks, IPAddress address)
    {
        foreach (IPNetwork network in networks)
        {
            if (network.BaseAddress.AddressFamily == address.AddressFamily && network.Contains(address))
            {
                return true;
            }
        }

        return false;
    }

    private static IPNetwork[] Parse(params string[] networks) => [.. networks.Select(n => IPNetwork.Parse(n))];
}
