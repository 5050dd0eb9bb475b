namespace Muniment.Policy.Commands.Shell;

/// <summary>Bash's <c>{a,b}</c>, one level of it: enough that <c>{rm,-rf,/}</c> hides nothing.</summary>
internal static class BraceExpansion
{
    private const int MaxWords = 64;

    /// <summary>The words it stands for; null when there is nothing to expand.</summary>
    public static IEnumerable<ShellWord>? Expand(ShellWord word)
    {
        int open = word.Text.IndexOf('{');
        int close = open < 0 ? -1 : word.Text.IndexOf('}', open);
        if (close < 0 || word.IsDynamic || !word.Text.AsSpan(open, close - open).Contains(','))
        {
            return null;
        }

        string before = word.Text[..open];
        string after = word.Text[(close + 1)..];
        return word.Text[(open + 1)..close].Split(',').Take(MaxWords).Select(part => word with { Text = before + part + after }).Where(w => w.Text.Length > 0);
    }
}
