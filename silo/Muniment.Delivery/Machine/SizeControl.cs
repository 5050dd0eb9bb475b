namespace Muniment.Delivery.Machine;

/// <summary>
/// How many bytes a request may have, learned: it begins with what every receiver of a kind takes, and doubles up to the configured limit while full requests are taken. One that
/// is refused as too large ends the growth below it, so that a proxy's limit is met once and not by every batch. Kept in memory: after a restart it is learned again, for a
/// refusal or two. Owned by the machine.
/// </summary>
/// <param name="firstBytes">Where it begins.</param>
public sealed class SizeControl(int firstBytes)
{
    /// <summary>Full requests that must be taken before larger ones are tried.</summary>
    public const int TakenBeforeGrowth = 4;

    /// <summary>No refusal makes requests smaller than this: what is too large alone is a matter of that event.</summary>
    public const int LeastBytes = 256 * 1024;

    private int _limit = firstBytes;
    private long _ceiling = long.MaxValue;
    private long _largest;
    private int _taken;

    /// <summary>Most bytes of the next request.</summary>
    /// <param name="most">Most that the configuration allows.</param>
    public int Limit(int most) => (int)Math.Min(Math.Min(most, _limit), Math.Max(LeastBytes, _ceiling));

    /// <summary>A request of so many bytes was taken; true when the next may be larger than before.</summary>
    public bool Taken(long sizeBytes, int most)
    {
        _largest = Math.Max(_largest, sizeBytes);
        int limit = Limit(most);
        if (sizeBytes <= limit / 2 || limit >= most || limit >= _ceiling || ++_taken < TakenBeforeGrowth)
        {
            return false;
        }

        _taken = 0;
        _limit = (int)Math.Min(2L * limit, most);
        return Limit(most) > limit;
    }

    /// <summary>A request of so many bytes, with several events, was too large. What was taken before is not too large: then it is one event of them.</summary>
    public void Refused(long sizeBytes) => _ceiling = Math.Min(_ceiling, Math.Max(sizeBytes / 2, _largest));
}
