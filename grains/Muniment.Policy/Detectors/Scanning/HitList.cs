namespace Muniment.Policy.Detectors.Scanning;

/// <summary>Matches of one scan. Kept between scans by its owner; makes no array until the first match.</summary>
internal sealed class HitList
{
    private Hit[] _hits = [];
    private (int Detector, int Count)[] _replaced = [];
    private int _replacedCount;

    /// <summary>How many.</summary>
    public int Count { get; private set; }

    /// <summary>The matches, in order after <see cref="Sort"/>.</summary>
    public ReadOnlySpan<Hit> Hits => _hits.AsSpan(0, Count);

    /// <summary>Adds one.</summary>
    public void Add(Hit hit)
    {
        if (Count == _hits.Length)
        {
            Array.Resize(ref _hits, Math.Max(8, Count * 2));
        }

        _hits[Count++] = hit;
    }

    /// <summary>Customers' patterns that took too much work, one bit each; stays set.</summary>
    public uint Failed { get; private set; }

    /// <summary>Notes that a customer's pattern could not be applied.</summary>
    public void Fail(int custom) => Failed |= 1u << custom;

    /// <summary>Whether it could not.</summary>
    public bool HasFailed(int custom) => (Failed >> custom & 1) != 0;

    /// <summary>What was replaced, by detector, since it was cleared.</summary>
    public ReadOnlySpan<(int Detector, int Count)> Replaced => _replaced.AsSpan(0, _replacedCount);

    /// <summary>Notes that a placeholder was written.</summary>
    public void Note(int detector)
    {
        for (int i = 0; i < _replacedCount; i++)
        {
            if (_replaced[i].Detector == detector)
            {
                _replaced[i].Count++;
                return;
            }
        }

        if (_replacedCount == _replaced.Length)
        {
            Array.Resize(ref _replaced, Math.Max(4, _replacedCount * 2));
        }

        _replaced[_replacedCount++] = (detector, 1);
    }

    /// <summary>Forgets the matches.</summary>
    public void Clear() => (Count, _replacedCount) = (0, 0);

    /// <summary>Puts them in order.</summary>
    public void Sort()
    {
        if (Count > 1)
        {
            _hits.AsSpan(0, Count).Sort();
        }
    }
}
