using System.Runtime.CompilerServices;

namespace Muniment.Policy.Detectors.Scanning;

/// <summary>
/// One look at a piece of normalised text. Every finder works on it and adds what it finds. A match is a function of at most
/// <see cref="ScanLimits.Before"/> characters before its start and <see cref="ScanLimits.Hold"/> after it, and never reads past a barrier:
/// that is what makes streams and whole texts come out the same.
/// </summary>
internal readonly ref struct Scan(ReadOnlySpan<char> text, bool atEnd, ReadOnlySpan<bool> enabled, HitList hits, int from)
{
    /// <summary>The text, with what came before as far as it is kept.</summary>
    public readonly ReadOnlySpan<char> Text = text;

    /// <summary>Whether the text really ends where <see cref="Text"/> ends.</summary>
    public readonly bool AtEnd = atEnd;

    private readonly ReadOnlySpan<bool> _enabled = enabled;
    private readonly HitList _hits = hits;
    private readonly int _from = from;

    /// <summary>Whether the detector is asked for.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Has(DetectorId id) => _enabled[(int)id];

    /// <summary>How far a match that starts there may be read.</summary>
    public int Bound(int start) => Math.Min(Text.Length, start + ScanLimits.Hold);

    /// <summary>Adds a match; what begins before the part in question was decided before.</summary>
    public void Add(DetectorId id, int start, int end, Swallow open = Swallow.None)
    {
        if (start >= _from && _enabled[(int)id])
        {
            _hits.Add(new Hit(start, end, (int)id, open));
        }
    }

    /// <summary>Adds a match that goes on after the bound when its class of characters reached the bound.</summary>
    public void AddRun(DetectorId id, int start, int end, Swallow beyond) =>
        Add(id, start, end, end == start + ScanLimits.Hold ? beyond : Swallow.None);
}
