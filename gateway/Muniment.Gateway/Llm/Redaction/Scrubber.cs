namespace Muniment.Gateway.Llm.Redaction;

/// <summary>Replaces what the detectors of one verdict find, in whole texts and in texts that come in pieces, and keeps the count. One direction of one call an instance; not thread-safe.</summary>
internal abstract class Scrubber
{
    /// <summary>Whether anything is to be looked for at all. When not, bytes pass as they are.</summary>
    public abstract bool IsActive { get; }

    /// <summary>Whether a detector did not come to its end on something and its rule fails closed.</summary>
    public virtual bool MustStop => false;

    /// <summary>Whether a rule denies what was found so far.</summary>
    public virtual bool Denies => false;

    /// <summary>The text with replacements; null when nothing was found.</summary>
    public abstract string? Scrub(string text, in TextPlace place);

    /// <summary>The same for a value whose name says what it is (<c>"aws_secret_access_key": "…"</c>).</summary>
    public virtual string? ScrubNamed(string name, string text, in TextPlace place) => Scrub(text, place);

    /// <summary>The same for a text that may be JSON: strings in it are decoded and looked at one by one, and JSON it stays.</summary>
    public abstract string? ScrubJson(string text, in TextPlace place);

    /// <summary>Begins a text that comes in pieces.</summary>
    public abstract ChannelScrubber Open(string pointer);
}

/// <summary>A text that comes in pieces.</summary>
internal abstract class ChannelScrubber
{
    /// <summary>Takes a piece and gives what may be shown by now.</summary>
    public abstract string Append(string piece);

    /// <summary>Gives the rest; the text is over.</summary>
    public abstract string Flush();
}
