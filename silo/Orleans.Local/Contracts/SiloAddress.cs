using System.Net;

namespace Orleans.Runtime;

/// <summary>Name of a silo. The stand-in listens on nothing; its addresses only tell its logical silos apart.</summary>
public sealed class SiloAddress : IEquatable<SiloAddress>, IComparable<SiloAddress>
{
    private SiloAddress(IPEndPoint endpoint, int generation) => (Endpoint, Generation) = (endpoint, generation);

    /// <summary>Address and port.</summary>
    public IPEndPoint Endpoint { get; }

    /// <summary>Tells two lives of one endpoint apart.</summary>
    public int Generation { get; }

    /// <summary>An address from its parts.</summary>
    public static SiloAddress New(IPEndPoint ep, int gen) => new(ep, gen);

    /// <inheritdoc/>
    public bool Equals(SiloAddress? other) => other is not null && Generation == other.Generation && Endpoint.Equals(other.Endpoint);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as SiloAddress);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Endpoint, Generation);

    /// <inheritdoc/>
    public int CompareTo(SiloAddress? other) =>
        other is null ? 1 : Endpoint.Port.CompareTo(other.Endpoint.Port) is not 0 and int byPort ? byPort : Generation.CompareTo(other.Generation);

    /// <inheritdoc/>
    public override string ToString() => $"S{Endpoint}:{Generation}";
}
