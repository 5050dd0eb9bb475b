using System.Diagnostics.CodeAnalysis;

namespace Muniment.Events;

/// <summary>Name of one tenant (organisation): 1 to 63 of <c>a-z 0-9 - _</c>, beginning with a letter or digit.</summary>
public readonly record struct TenantId
{
    /// <summary>Longest name in characters.</summary>
    public const int MaxLength = 63;

    private TenantId(string value) => Value = value;

    /// <summary>The tenant that the first start makes.</summary>
    public static TenantId Default { get; } = new("default");

    /// <summary>The name itself.</summary>
    public string Value { get; }

    /// <summary>Reads a name; false when it breaks the rule above.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out TenantId tenant)
    {
        tenant = default;
        if (text is null || text.Length is 0 or > MaxLength || text[0] is '-' or '_')
        {
            return false;
        }

        foreach (char c in text)
        {
            if (c is not ((>= 'a' and <= 'z') or (>= '0' and <= '9') or '-' or '_'))
            {
                return false;
            }
        }

        tenant = new TenantId(text);
        return true;
    }

    /// <summary>Reads a name that is known to be valid (a grain key, a database row).</summary>
    /// <exception cref="FormatException">The text is no tenant name.</exception>
    public static TenantId Parse(string text) =>
        TryParse(text, out TenantId tenant) ? tenant : throw new FormatException($"'{text}' is no tenant name: expected 1 to 63 of a-z 0-9 - _");

    /// <inheritdoc/>
    public override string ToString() => Value;
}
