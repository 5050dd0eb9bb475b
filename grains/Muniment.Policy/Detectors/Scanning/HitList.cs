namespace Muniment.Policy.Detectors.Scanning;

/// <summary>Matches of one scan. Kept between scans by its owner; makes no array until the first match.</summary>
internal sealed class HitList
{
    private Hit[] _hits = [];

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

    /// <summary>Forgets the matches.</summary>
    public void Clear() => Count = 0;

    /// <summary>Puts them in order.</summary>
    public void Sort()
    {
        if (Count > 1)
        {
            _hits.AsSpan(0, Count).Sort();
        }
    }
}
