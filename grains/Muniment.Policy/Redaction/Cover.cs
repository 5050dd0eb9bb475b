using Muniment.Policy.Detectors;
using Muniment.Policy.Detectors.Scanning;
using Muniment.Policy.Detectors.Secrets;

namespace Muniment.Policy.Redaction;

/// <summary>
/// Turns matches into placeholders, going once over the text from left to right. Overlapping matches become one placeholder of the first; what is open goes on being
/// covered as long as its class of characters lasts. The state between two calls is all that a stream needs besides its held text.
/// </summary>
internal sealed class Cover(DetectorSet set, DetectorCounts counts)
{
    private int _ahead; // characters after the last call's end that a match covers
    private int _swallowIn; // characters after the last call's end at which swallowing begins
    private Swallow _swallow;
    private int _swallowed;
    private int _dashes;
    private int _end; // characters of END seen after five dashes; 3: within the END line

    /// <summary>Whether nothing is being covered.</summary>
    public bool IsIdle => _ahead == 0 && _swallow == Swallow.None;

    /// <summary>Begins another text.</summary>
    public void Reset() => (_ahead, _swallowIn, _swallow) = (0, 0, Swallow.None);

    /// <summary>
    /// Writes the part of the source that stands for <paramref name="text"/> from <paramref name="from"/> to <paramref name="to"/>, redacted.
    /// Hits outside the range are not looked at; they are in order.
    /// </summary>
    public void Write(ReadOnlySpan<char> text, int from, int to, HitList hits, ISpans spans)
    {
        int place = from, covered = from + _ahead, swallowFrom = from + _swallowIn;
        foreach (Hit hit in hits.Hits)
        {
            if (hit.Start >= to)
            {
                break;
            }

            if (hit.Start < from)
            {
                continue;
            }

            Advance(text, ref place, hit.Start, covered, swallowFrom, spans);
            if (_swallow != Swallow.None && place >= swallowFrom && !Accepts(text[place]))
            {
                _swallow = Swallow.None;
            }

            if (place >= covered && (_swallow == Swallow.None || place < swallowFrom))
            {
                spans.Placeholder(set.TypeOf(hit.Detector));
                counts.Add(hit.Detector);
                hits.Note(hit.Detector);
            }

            covered = Math.Max(covered, hit.End);
            if (hit.Open > _swallow)
            {
                (_swallow, swallowFrom, _swallowed, _dashes, _end) = (hit.Open, covered, 0, 0, 0);
            }
        }

        Advance(text, ref place, to, covered, swallowFrom, spans);
        _ahead = Math.Max(0, covered - to);
        _swallowIn = Math.Max(0, swallowFrom - to);
    }

    private void Advance(ReadOnlySpan<char> text, ref int place, int target, int covered, int swallowFrom, ISpans spans)
    {
        while (place < target)
        {
            if (_swallow != Swallow.None && place >= swallowFrom)
            {
                if (!Accepts(text[place]))
                {
                    _swallow = Swallow.None;
                    continue;
                }

                Take(text[place++]);
            }
            else if (place < covered)
            {
                int stop = Math.Min(target, covered);
                place = _swallow != Swallow.None ? Math.Min(stop, swallowFrom) : stop;
            }
            else
            {
                spans.Text(place, target);
                place = target;
            }
        }
    }

    private bool Accepts(char c) => _swallowed < ScanLimits.Swallowed && _swallow switch
    {
        Swallow.Token => Chars.Is(c, CharClass.Run),
        Swallow.Value => Chars.Is(c, CharClass.Value) || (c >= 0x80 && !char.IsWhiteSpace(c)),
        Swallow.Line => c is not ('\n' or '\r' or '"' or '\'' or '`'),
        Swallow.Pem => PrivateKey.IsBody(c, armor: false),
        Swallow.Armor => true,
        _ => false,
    };

    private void Take(char c)
    {
        _swallowed++;
        if (_swallow < Swallow.Pem)
        {
            return;
        }

        if (c == '-')
        {
            _dashes++;
            if (_end == 3 && _dashes == 5)
            {
                _swallow = Swallow.None;
            }
            else if (_end < 3)
            {
                _end = 0;
            }
        }
        else if (_end < 3 && (_dashes >= 5 || _end > 0) && c == "END"[_end])
        {
            _end++;
            _dashes = 0;
        }
        else
        {
            _dashes = 0;
            _end = _end == 3 ? 3 : 0;
        }
    }

    /// <summary>Where the result goes.</summary>
    public interface ISpans
    {
        /// <summary>The source of these characters stays as it is.</summary>
        void Text(int from, int to);

        /// <summary>Something of that type stood here.</summary>
        void Placeholder(string type);
    }
}
