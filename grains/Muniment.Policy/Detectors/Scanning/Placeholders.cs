namespace Muniment.Policy.Detectors.Scanning;

/// <summary>Values that stand in the place of a secret: variables, masks, words.</summary>
internal static class Placeholders
{
    private static readonly string[] Parts = ["example", "changeme", "change_me", "change-me", "your", "xxxx", "redacted", "placeholder", "dummy", "insert", "<", "${", "{{", "$(", "****", "..."];

    private static readonly string[] Words =
        ["password", "passwd", "pass", "pwd", "secret", "token", "test", "postgres", "root", "admin", "user", "guest", "none", "null", "true", "false", "undefined", "string", "key", "value", "env", "sa", "mysql", "rabbit"];

    /// <summary>Whether the value is one.</summary>
    public static bool Is(ReadOnlySpan<char> value)
    {
        if (value.IsEmpty || value[0] is '$' or '{' or '<' or '*' or '%' or '[' or '(' or '#')
        {
            return true;
        }

        foreach (string part in Parts)
        {
            if (value.Contains(part, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        foreach (string word in Words)
        {
            if (value.Equals(word, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return value.IndexOfAnyExcept(value[0]) < 0;
    }
}
