using System.Text;

namespace Muniment.Policy.Commands.Shell;

/// <summary>Gathers one word while it is read. An unquoted variable with spaces in it makes several words, as in a shell.</summary>
internal sealed class WordBuilder
{
    private readonly StringBuilder text = new();
    private readonly List<string> inner = [];
    private bool isDynamic;
    private bool isComputed;
    private bool isQuoted;

    /// <summary>Whether a word has begun; an empty quoted one counts.</summary>
    public bool IsOpen => text.Length > 0 || isQuoted || isDynamic;

    /// <summary>What was gathered so far.</summary>
    public string Text => text.ToString();

    /// <summary>Whether any of it was quoted so far.</summary>
    public bool IsQuoted => isQuoted;

    public void Add(char c) => text.Append(c);

    public void Add(string s) => text.Append(s);

    public void Quoted() => isQuoted = true;

    public void Unknown(string written, bool computed)
    {
        text.Append(written);
        isDynamic = true;
        isComputed |= computed;
    }

    public void Script(string script, string written)
    {
        inner.Add(script);
        Unknown(written, computed: false);
    }

    /// <summary>The word; the builder is then empty.</summary>
    public ShellWord Take()
    {
        var word = new ShellWord(text.ToString()) { IsDynamic = isDynamic, IsComputed = isComputed, IsQuoted = isQuoted, Inner = [.. inner] };
        text.Clear();
        inner.Clear();
        isDynamic = isComputed = isQuoted = false;
        return word;
    }
}
