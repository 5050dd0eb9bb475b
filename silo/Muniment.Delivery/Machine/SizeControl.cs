namespace Muniment.Delivery.Machine;

/// <summary>
/// How many bytes a request may have, learned: it begins with what every receiver of a kind takes, and doubles up to the configured limit while full requests are taken. One that
/// is refused as too large halves it, or brings it back to what was taken; what was taken once and is refused now counts no longer. After that it is tried again one step larger,
/// and each try that is refused makes the next one come after twice as many full requests, so that a proxy's limit costs a request in <see cref="MostTakenBeforeGrowth"/> in the
/// end, and what was refused for one event of it is forgotten soon. Kept in memory: after a restart it is learned again. Owned by the machine.
/// </summary>
/// <param name="firstBytes">Where it begins.</param>
public sealed class SizeControl(int firstBytes)
{
    /// <summary>Full requests that must be taken before larger ones are tried.</summary>
    public const int TakenBeforeGrowth = 4;

    /// <summary>The same after tries that were refused, at most.</summary>
    public const int MostTakenBeforeGrowth = 256;

    /// <summary>No refusal makes requests smaller than this: what is too large alone is a matter of that event.</summary>
    public const int LeastBytes = 256 * 1024;

    private long _limit = firstBytes;
    private long _largest;
    private int _taken;
    private int _wanted = TakenBeforeGrowth;
    private bool _trying; // larger than before, and none of that size was taken yet

    /// <summary>Most bytes of the next request.</summary>
    /// <param name="most">Most that the configuration allows.</param>
    public int Limit(int most) => (int)Math.Min(most, _limit);

    /// <summary>A request of so many bytes was taken; true when the next may be larger than before.</summary>
    public bool Taken(long sizeBytes, int most)
    {
        int limit = Limit(most);
        _largest = Math.Max(_largest, sizeBytes);
        _limit = Math.Max(_limit, Math.Min(sizeBytes, most)); // it began before a refusal, or is the good half of one
        if (sizeBytes > limit - (limit / 8) && _trying)
        {
            (_trying, _wanted) = (false, TakenBeforeGrowth);
        }

        if (sizeBytes > limit / 2 && limit < most && ++_taken >= _wanted)
        {
            (_taken, _trying) = (0, true);
            _limit = Math.Max(_limit, Math.Min(2L * limit, most));
        }

        return Limit(most) > limit;
    }

    /// <summary>A request of so many bytes, with several events, was too large.</summary>
    public void Refused(long sizeBytes)
    {
        if (sizeBytes <= _largest)
        {
            _largest = sizeBytes / 2; // it was taken before: one event is at fault, or the receiver takes less than it did
        }

        long limit = Math.Max(LeastBytes, Math.Max(sizeBytes / 2, _largest));
        if (limit >= _limit)
        {
            return; // known from another that was under way
        }

        if (_trying)
        {
            (_trying, _wanted) = (false, Math.Min(2 * _wanted, MostTakenBeforeGrowth));
        }

        (_limit, _taken) = (limit, 0);
    }
}
