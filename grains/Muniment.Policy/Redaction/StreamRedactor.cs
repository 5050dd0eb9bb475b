using System.Collections.Immutable;
using Muniment.Policy.Detectors;
using Muniment.Policy.Detectors.Scanning;

namespace Muniment.Policy.Redaction;

/// <summary>
/// Redacts a text that comes in pieces. However it is cut, what comes out is what <see cref="TextRedactor"/> makes of the whole. Held back is what may still become part of
/// a match: in prose the current word, never more than 256 characters and two (customers' patterns that match white space: their longest match).
/// <code>
///   delta ─► fold ─► kept context │ held text ─► cut (last barrier) ─► matches that begin before the cut ─► placeholders ─► out
///                                          └────────────── what begins after the cut stays held ──────────────┘
/// </code>
/// One instance for each choice, content part, block or tool call. Owned by one caller at a time.
/// </summary>
public sealed class StreamRedactor : Cover.ISpans
{
    private readonly DetectorSet _set;
    private readonly bool _goOn;
    private readonly HitList _hits = new();
    private readonly CharBuffer _source = new(); // as received, not yet decided
    private readonly CharBuffer _text = new(); // as detectors see it: context, then what is held
    private readonly CharBuffer _lengths = new(); // of each character of _text: characters of the source it stands for
    private readonly CharBuffer _output = new();
    private readonly CharBuffer? _emitted;
    private readonly Cover _cover;
    private int _decided; // characters at the front of _text that are context
    private int _loose; // characters at the end of _source that belong to none of _text yet
    private int _writtenText, _writtenSource;
    private bool _plain = true; // all lengths are 1

    /// <summary>Makes a redactor of one text.</summary>
    /// <param name="set">The detectors.</param>
    /// <param name="remember">Whether to keep what was emitted, for events that repeat the whole text.</param>
    /// <param name="failOpen">Whether to go on when a customer's pattern fails; else nothing more is released.</param>
    public StreamRedactor(DetectorSet set, bool remember = false, bool failOpen = false)
    {
        _set = set;
        _goOn = failOpen;
        _emitted = remember ? new CharBuffer() : null;
        Counts = new DetectorCounts(set);
        _cover = new Cover(set, Counts);
    }

    /// <summary>Hits so far.</summary>
    public DetectorCounts Counts { get; }

    /// <summary>Types of customers' patterns that took too much work. Unless told to go on, nothing is released from then on.</summary>
    public ImmutableArray<string> Failed => TextRedactor.FailedTypes(_set, _hits.Failed);

    /// <summary>Characters held back at the moment.</summary>
    public int Held => _source.Length;

    /// <summary>The most that was ever held back.</summary>
    public int MaxHeld { get; private set; }

    /// <summary>All that was emitted since the last <see cref="Flush"/> before the last; empty unless asked to remember. Events that repeat a text in full are filled from it.</summary>
    public string Emitted => _emitted is null ? "" : new string(_emitted.Span);

    /// <summary>Takes the next piece and gives what can be released, often nothing.</summary>
    public string Append(ReadOnlySpan<char> delta)
    {
        if (_set.IsEmpty)
        {
            _emitted?.Append(delta);
            return delta.ToString();
        }

        Take(delta);
        string released = Release(Hold.Cut(_set, _text.Span, _decided), atEnd: false);
        MaxHeld = Math.Max(MaxHeld, Held);
        return released;
    }

    /// <summary>Gives the rest. The text ends here; a further piece begins another.</summary>
    public string Flush()
    {
        Fold(atEnd: true);
        string rest = Release(_text.Length, atEnd: true);
        _text.Clear();
        _lengths.Clear();
        _source.Clear();
        (_decided, _loose, _plain) = (0, 0, true);
        _cover.Reset();
        return rest;
    }

    void Cover.ISpans.Text(int from, int to)
    {
        Skip(from);
        int start = _writtenSource;
        Skip(to);
        _output.Append(_source.Span[start.._writtenSource]);
    }

    void Cover.ISpans.Placeholder(string type)
    {
        _output.Append('[');
        _output.Append(type);
        _output.Append(']');
    }

    private void Take(ReadOnlySpan<char> delta)
    {
        if (_loose == 0 && !FoldedText.NeedsFolding(delta) && !(delta.Length > 0 && (char.IsHighSurrogate(delta[^1]) || delta.LastIndexOf('\\') >= delta.Length - FoldedText.EscapeLength + 1)) && !HasLowSurrogateFirst(delta))
        {
            _source.Append(delta);
            _text.Append(delta);
            _lengths.Append('\u0001', delta.Length);
            return;
        }

        foreach (char c in delta)
        {
            _source.Append(c);
            _loose++;
            Fold(atEnd: false);
        }
    }

    /// <summary>Gives the loose characters to what detectors see, as far as that is known.</summary>
    private void Fold(bool atEnd)
    {
        ReadOnlySpan<char> source = _source.Span;
        for (int first = source.Length - _loose, i = first; i < source.Length;)
        {
            ReadOnlySpan<char> rest = source[i..];
            if (!atEnd && ((rest.Length == 1 && char.IsHighSurrogate(rest[0])) || FoldedText.IsEscapeBegun(rest)))
            {
                return; // the next character says
            }

            bool seen = FoldedText.Next(source, ref i, out char folded);
            i++;
            if (seen || i - first >= FoldedText.InvisibleMax)
            {
                Add(seen ? folded : FoldedText.Gap, i - first);
                first = i;
            }
        }
    }

    private void Add(char folded, int length)
    {
        _text.Append(folded);
        _lengths.Append((char)length);
        _plain &= length == 1;
        _loose -= length;
    }

    private string Release(int cut, bool atEnd)
    {
        if (cut == _decided && !atEnd)
        {
            return "";
        }

        ReadOnlySpan<char> text = _text.Span;
        _hits.Clear();
        TextScanner.Find(_set, text, atEnd, _decided, cut, _hits);
        if (_hits.Failed != 0 && !_goOn)
        {
            return "";
        }

        (_writtenText, _writtenSource) = (_decided, 0);
        _output.Clear();
        _cover.Write(text, _decided, cut, _hits, this);
        Skip(cut);
        if (atEnd)
        {
            _output.Append(_source.Span[_writtenSource..]);
        }

        _source.Drop(_writtenSource);
        int drop = Math.Max(0, cut - ScanLimits.Kept);
        _text.Drop(drop);
        _lengths.Drop(drop);
        _decided = cut - drop;
        _emitted?.Append(_output.Span);
        return _output.Length == 0 ? "" : new string(_output.Span);
    }

    private void Skip(int to)
    {
        if (_plain)
        {
            _writtenSource += to - _writtenText;
        }
        else
        {
            foreach (char length in _lengths.Span[_writtenText..to])
            {
                _writtenSource += length;
            }
        }

        _writtenText = to;
    }

    private static bool HasLowSurrogateFirst(ReadOnlySpan<char> delta) => delta.Length > 0 && char.IsLowSurrogate(delta[0]);
}
