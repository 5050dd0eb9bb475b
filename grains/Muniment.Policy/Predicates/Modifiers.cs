namespace Muniment.Policy.Predicates;

/// <summary>The modifiers after a field name, <c>field|contains|all</c>, as flags.</summary>
[Flags]
internal enum Modifiers
{
    None = 0,
    Contains = 1,
    StartsWith = 1 << 1,
    EndsWith = 1 << 2,
    All = 1 << 3,
    Regex = 1 << 4,
    Cased = 1 << 5,
    Network = 1 << 6,
    Greater = 1 << 7,
    GreaterOrEqual = 1 << 8,
    Less = 1 << 9,
    LessOrEqual = 1 << 10,
    Exists = 1 << 11,
    FieldReference = 1 << 12,
    WindowsDash = 1 << 13,
    Base64 = 1 << 14,
    Base64Offset = 1 << 15,
    NotEqual = 1 << 16,
    IgnoreCase = 1 << 17,
    MultiLine = 1 << 18,
    SingleLine = 1 << 19,
    Utf16LittleEndian = 1 << 20,
    Utf16BigEndian = 1 << 21,
    Utf16 = 1 << 22,
    Minute = 1 << 23,
    Hour = 1 << 24,
    Day = 1 << 25,
    Week = 1 << 26,
    Month = 1 << 27,
    Year = 1 << 28,

    Places = Contains | StartsWith | EndsWith,
    Comparisons = Greater | GreaterOrEqual | Less | LessOrEqual,
    RegexOptions = IgnoreCase | MultiLine | SingleLine,
    Encodings = Utf16LittleEndian | Utf16BigEndian | Utf16,
    TimeParts = Minute | Hour | Day | Week | Month | Year,
}

/// <summary>Names of modifiers, and which go together.</summary>
internal static class ModifierNames
{
    private static readonly Dictionary<string, Modifiers> Names = new(StringComparer.Ordinal)
    {
        ["contains"] = Modifiers.Contains, ["startswith"] = Modifiers.StartsWith, ["endswith"] = Modifiers.EndsWith, ["all"] = Modifiers.All, ["re"] = Modifiers.Regex,
        ["cased"] = Modifiers.Cased, ["cidr"] = Modifiers.Network, ["gt"] = Modifiers.Greater, ["gte"] = Modifiers.GreaterOrEqual, ["lt"] = Modifiers.Less,
        ["lte"] = Modifiers.LessOrEqual, ["exists"] = Modifiers.Exists, ["fieldref"] = Modifiers.FieldReference, ["windash"] = Modifiers.WindowsDash,
        ["base64"] = Modifiers.Base64, ["base64offset"] = Modifiers.Base64Offset, ["neq"] = Modifiers.NotEqual, ["i"] = Modifiers.IgnoreCase,
        ["m"] = Modifiers.MultiLine, ["s"] = Modifiers.SingleLine, ["wide"] = Modifiers.Utf16LittleEndian, ["utf16le"] = Modifiers.Utf16LittleEndian,
        ["utf16be"] = Modifiers.Utf16BigEndian, ["utf16"] = Modifiers.Utf16, ["minute"] = Modifiers.Minute, ["hour"] = Modifiers.Hour, ["day"] = Modifiers.Day,
        ["week"] = Modifiers.Week, ["month"] = Modifiers.Month, ["year"] = Modifiers.Year,
    };

    /// <summary>Reads <c>contains|all</c>; gives what is wrong, or null.</summary>
    public static string? Read(ReadOnlySpan<char> text, out Modifiers modifiers)
    {
        modifiers = Modifiers.None;
        foreach (Range range in text.Split('|'))
        {
            string name = text[range].ToString();
            if (!Names.TryGetValue(name, out Modifiers one))
            {
                return name is "expand"
                    ? "placeholders (expand) are not resolved here"
                    : $"unknown modifier '{name}', expected one of {string.Join(", ", Names.Keys)}";
            }

            if (modifiers.HasFlag(one))
            {
                return $"modifier '{name}' stands twice";
            }

            modifiers |= one;
        }

        return Conflict(modifiers);
    }

    private static string? Conflict(Modifiers m)
    {
        if (Several(m & Modifiers.Places))
        {
            return "only one of contains, startswith, endswith goes with a value (write a wildcard instead)";
        }

        if (Several(m & Modifiers.Comparisons))
        {
            return "only one of gt, gte, lt, lte goes with a value";
        }

        if ((m & Modifiers.RegexOptions) != 0 && !m.HasFlag(Modifiers.Regex))
        {
            return "i, m and s go with re only";
        }

        if (Several(m & Modifiers.Encodings) || ((m & Modifiers.Encodings) != 0 && (m & (Modifiers.Base64 | Modifiers.Base64Offset)) == 0))
        {
            return "one of wide, utf16le, utf16be, utf16 goes with base64 or base64offset only";
        }

        if ((m & Modifiers.TimeParts) != 0)
        {
            return Several(m & Modifiers.TimeParts) || (m & ~(Modifiers.TimeParts | Modifiers.Comparisons | Modifiers.NotEqual)) != 0
                ? "one of minute, hour, day, week, month, year goes with gt, gte, lt, lte and neq only"
                : null;
        }

        Modifiers alone = m & (Modifiers.Regex | Modifiers.Network | Modifiers.Comparisons | Modifiers.Exists);
        Modifiers beside = m & ~(alone | Modifiers.All | Modifiers.NotEqual | Modifiers.RegexOptions);
        if (Several(alone) || (alone != 0 && beside != 0))
        {
            return "re, cidr, exists, gt, gte, lt, lte do not go with other modifiers than all and neq";
        }

        if (m.HasFlag(Modifiers.FieldReference) && (m & ~(Modifiers.FieldReference | Modifiers.Places | Modifiers.Cased | Modifiers.All | Modifiers.NotEqual)) != 0)
        {
            return "fieldref goes with contains, startswith, endswith, cased, all and neq only";
        }

        return m.HasFlag(Modifiers.Base64) && m.HasFlag(Modifiers.Base64Offset) ? "only one of base64, base64offset goes with a value" : null;
    }

    private static bool Several(Modifiers m) => (m & (m - 1)) != 0;
}
