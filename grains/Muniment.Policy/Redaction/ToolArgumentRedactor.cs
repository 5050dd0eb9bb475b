using System.Collections.Immutable;
using Muniment.Policy.Detectors;

namespace Muniment.Policy.Redaction;

/// <summary>
/// Redacts the arguments of one tool call that come in fragments of JSON text. The whole object is held until it is done, so that it can be redacted as JSON and stays valid;
/// above the bound it is redacted as text from then on (placeholders contain nothing that JSON would have to escape). Owned by one caller at a time.
/// </summary>
/// <param name="set">The detectors.</param>
/// <param name="maxHeldChars">The bound.</param>
/// <param name="remember">Whether to keep what was emitted, for events that repeat the arguments.</param>
/// <param name="failOpen">Whether to go on when a customer's pattern fails; else nothing is released.</param>
public sealed class ToolArgumentRedactor(DetectorSet set, int maxHeldChars = ToolArgumentRedactor.DefaultHeldChars, bool remember = false, bool failOpen = false)
{
    /// <summary>Characters held at most unless said otherwise.</summary>
    public const int DefaultHeldChars = 256 * 1024;

    private readonly CharBuffer _held = new();
    private readonly CharBuffer? _emitted = remember ? new CharBuffer() : null;
    private readonly StreamRedactor _text = new(set, remember: false, failOpen);
    private bool _whole = true;
    private ImmutableArray<string> _failed = [];

    /// <summary>Hits so far.</summary>
    public DetectorCounts Counts => _text.Counts;

    /// <summary>Types of customers' patterns that took too much work.</summary>
    public ImmutableArray<string> Failed => _failed.IsEmpty ? _text.Failed : _failed;

    /// <summary>Whether the arguments were longer than the bound and went out as text.</summary>
    public bool IsOverBound => !_whole;

    /// <summary>Characters held back at the moment.</summary>
    public int Held => _whole ? _held.Length : _text.Held;

    /// <summary>All that was emitted; empty unless asked to remember.</summary>
    public string Emitted => _emitted is null ? "" : new string(_emitted.Span);

    /// <summary>Takes the next fragment and gives what can be released: nothing, unless the bound is passed.</summary>
    public string Append(ReadOnlySpan<char> fragment)
    {
        if (!_whole)
        {
            return Out(_text.Append(fragment));
        }

        _held.Append(fragment);
        if (_held.Length <= maxHeldChars)
        {
            return "";
        }

        _whole = false;
        string released = _text.Append(_held.Span);
        _held.Clear();
        return Out(released);
    }

    /// <summary>The arguments are complete: gives the rest.</summary>
    public string Flush()
    {
        if (!_whole)
        {
            return Out(_text.Flush());
        }

        RedactionResult result = new JsonRedactor(set).RedactText(new string(_held.Span));
        _held.Clear();
        _failed = result.Failed;
        Counts.Add(result.Counts);
        return _failed.IsEmpty || failOpen ? Out(result.Text) : "";
    }

    private string Out(string text)
    {
        _emitted?.Append(text);
        return text;
    }
}
