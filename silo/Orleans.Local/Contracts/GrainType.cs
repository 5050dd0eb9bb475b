using System.Diagnostics.CodeAnalysis;

namespace Orleans.Runtime;

/// <summary>Name of a grain class.</summary>
/// <param name="id">The name.</param>
public readonly struct GrainType(IdSpan id) : IEquatable<GrainType>, IComparable<GrainType>
{
    /// <summary>The name.</summary>
    public IdSpan Value => id;

    /// <summary>True for <c>default</c>.</summary>
    public bool IsDefault => id.IsDefault;

    /// <summary>A type by its name.</summary>
    public static GrainType Create(string value)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(value);
        return new(IdSpan.Create(value));
    }

    /// <inheritdoc/>
    public bool Equals(GrainType obj) => Value.Equals(obj.Value);

    /// <inheritdoc/>
    public override bool Equals([NotNullWhen(true)] object? obj) => obj is GrainType other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => id.GetHashCode();

    /// <inheritdoc/>
    public int CompareTo(GrainType other) => Value.CompareTo(other.Value);

    /// <summary>The name.</summary>
    public override string? ToString() => id.ToString();

    /// <summary>Same name.</summary>
    public static bool operator ==(GrainType left, GrainType right) => left.Equals(right);

    /// <summary>Other name.</summary>
    public static bool operator !=(GrainType left, GrainType right) => !left.Equals(right);
}
