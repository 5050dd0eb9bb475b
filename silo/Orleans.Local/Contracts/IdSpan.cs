using System.Diagnostics.CodeAnalysis;

namespace Orleans.Runtime;

/// <summary>A part of an identity. Here a string; Orleans keeps its UTF-8 bytes.</summary>
public readonly struct IdSpan : IEquatable<IdSpan>, IComparable<IdSpan>
{
    private readonly string? _value;

    private IdSpan(string value) => _value = value;

    /// <summary>True for <c>default</c>.</summary>
    public bool IsDefault => _value is null;

    /// <summary>A part from its text.</summary>
    public static IdSpan Create(string id) => new(id);

    /// <inheritdoc/>
    public bool Equals(IdSpan other) => string.Equals(_value, other._value, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override bool Equals([NotNullWhen(true)] object? obj) => obj is IdSpan other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _value?.GetHashCode(StringComparison.Ordinal) ?? 0;

    /// <inheritdoc/>
    public int CompareTo(IdSpan other) => string.CompareOrdinal(_value, other._value);

    /// <summary>The text.</summary>
    public override string? ToString() => _value;
}
