namespace Muniment.Policy.Commands.Shell;

/// <summary>One word after quotes, escapes and known variables are resolved.</summary>
internal sealed record ShellWord(string Text)
{
    /// <summary>Whether parts of it cannot be known: variables the command does not set, substitutions, patterns in a program's name.</summary>
    public bool IsDynamic { get; init; }

    /// <summary>Whether a variable in it was set by this very command to something that cannot be known.</summary>
    public bool IsComputed { get; init; }

    /// <summary>Whether any of it was quoted.</summary>
    public bool IsQuoted { get; init; }

    /// <summary>Scripts inside: <c>$(…)</c>, <c>`…`</c>, <c>&lt;(…)</c>.</summary>
    public IReadOnlyList<string> Inner { get; init; } = [];
}

/// <summary>A redirection.</summary>
/// <param name="Operator">Such as <c>&gt;</c>, without the descriptor's number.</param>
/// <param name="Target">Where to or from; a here-document's delimiter.</param>
internal sealed record ShellRedirect(string Operator, ShellWord Target)
{
    /// <summary>The here-document.</summary>
    public string? Body { get; set; }

    /// <summary>Whether it writes to <see cref="Target"/>.</summary>
    public bool IsWrite => Operator is ">" or ">>" or ">|" or "&>" or "&>>" or "<>" || (Operator == ">&" && !IsDescriptor);

    private bool IsDescriptor => Target.Text.Length > 0 && Target.Text.TrimEnd('-').All(char.IsAsciiDigit);
}

/// <summary>A simple command.</summary>
internal sealed class ShellCommand
{
    /// <summary>Program and arguments.</summary>
    public List<ShellWord> Words { get; } = [];

    /// <summary><c>NAME=value</c> before the program.</summary>
    public List<KeyValuePair<string, ShellWord>> Assignments { get; } = [];

    /// <summary>Redirections.</summary>
    public List<ShellRedirect> Redirects { get; } = [];

    /// <summary>Its text.</summary>
    public string Source { get; set; } = "";

    /// <summary>Whether nothing is in it.</summary>
    public bool IsEmpty => Words.Count == 0 && Assignments.Count == 0 && Redirects.Count == 0;
}

/// <summary>Commands joined by <c>|</c>.</summary>
/// <param name="Commands">In their order.</param>
/// <param name="Source">Its text.</param>
internal sealed record ShellPipeline(IReadOnlyList<ShellCommand> Commands, string Source);
