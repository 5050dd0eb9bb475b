using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Orleans.Runtime;

/// <summary>Identity of a grain: its type and its key.</summary>
/// <param name="type">The type.</param>
/// <param name="key">The key.</param>
public readonly struct GrainId(GrainType type, IdSpan key) : IEquatable<GrainId>, IComparable<GrainId>
{
    /// <summary>The type.</summary>
    public GrainType Type => type;

    /// <summary>The key.</summary>
    public IdSpan Key => key;

    /// <summary>True for <c>default</c>.</summary>
    public bool IsDefault => type.IsDefault && key.IsDefault;

    /// <summary>An identity from its two halves.</summary>
    public static GrainId Create(string type, string key) => new(GrainType.Create(type), IdSpan.Create(key));

    /// <summary>An identity from its two halves.</summary>
    public static GrainId Create(GrainType type, string key) => new(type, IdSpan.Create(key));

    /// <summary>An identity from its two halves.</summary>
    public static GrainId Create(GrainType type, IdSpan key) => new(type, key);

    /// <summary>Reads <c>type/key</c>.</summary>
    public static GrainId Parse(string value) =>
        TryParse(value, out GrainId id) ? id : throw new ArgumentException($"Unable to parse \"{value}\" as a grain id; expected type/key.", nameof(value));

    /// <summary>Reads <c>type/key</c>.</summary>
    public static bool TryParse(string? value, out GrainId result)
    {
        int slash = value?.IndexOf('/') ?? -1;
        result = slash > 0 ? Create(value![..slash], value[(slash + 1)..]) : default;
        return slash > 0;
    }

    /// <summary>A hash that is the same in every process of this runtime (FNV-1a; not the value that Microsoft Orleans computes).</summary>
    public uint GetUniformHashCode()
    {
        uint hash = 2166136261;
        foreach (byte b in Encoding.UTF8.GetBytes(ToString())) hash = (hash ^ b) * 16777619;
        return hash;
    }

    /// <inheritdoc/>
    public bool Equals(GrainId other) => Type.Equals(other.Type) && Key.Equals(other.Key);

    /// <inheritdoc/>
    public override bool Equals([NotNullWhen(true)] object? obj) => obj is GrainId other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(type, key);

    /// <inheritdoc/>
    public int CompareTo(GrainId other) => Type.CompareTo(other.Type) is not 0 and int byType ? byType : Key.CompareTo(other.Key);

    /// <summary><c>type/key</c>.</summary>
    public override string ToString() => $"{type}/{key}";

    /// <summary>Same type and key.</summary>
    public static bool operator ==(GrainId left, GrainId right) => left.Equals(right);

    /// <summary>Other type or key.</summary>
    public static bool operator !=(GrainId left, GrainId right) => !left.Equals(right);
}
