namespace Muniment.Delivery.Machine;

/// <summary>
/// How many requests a destination bears at once, learned by additive increase and multiplicative decrease. A round lasts as long as an exchange takes on average. After a round
/// in which the limit was reached and nothing pushed back, one more is allowed (a quarter more once something pushed back, so that one round in five or fewer goes too far);
/// after one in which the destination pushed back (retry later) or answered clearly slower than before, a tenth less, at least one. What is usual follows slowly when answers
/// grow slower, so that a creeping overload is seen. Owned by the machine; the limit itself is stored with its state.
/// </summary>
/// <param name="limit">Where it stood; at least 1.</param>
public sealed class ConcurrencyControl(double limit)
{
    /// <summary>What is left after a round that was pushed back.</summary>
    public const double Decrease = 0.9;

    private const double SmoothingDown = 0.4;
    private const double SmoothingUp = 0.05;
    private const double Deviations = 2.5;
    private const double Tolerance = 1.5; // exchanges of different sizes differ by themselves
    private const double Careful = 0.25;
    private const double ToleranceMs = 5;

    private double _mean;
    private double _variance;
    private int _rounds;
    private double _sumMs;
    private int _answers;
    private bool _pushedBack;
    private bool _reached;
    private bool _careful;
    private DateTimeOffset _ends;

    /// <summary>The limit as learned; requests are limited by its whole part.</summary>
    public double Limit { get; private set; } = Math.Max(1, limit);

    /// <summary>Requests are larger from now on: what is usual is learned anew.</summary>
    public void Forget() => _rounds = -1; // the round that ends next has requests of both sizes

    /// <summary>A request was started; so many are in flight now.</summary>
    public void Started(int inFlight) => _reached |= inFlight >= (int)Limit;

    /// <summary>A request ended.</summary>
    /// <param name="pushedBack">Whether it is to be made again later.</param>
    /// <param name="took">How long it took.</param>
    /// <param name="now">Now.</param>
    /// <param name="most">Most that the configuration allows.</param>
    public void Ended(bool pushedBack, TimeSpan took, DateTimeOffset now, int most)
    {
        _pushedBack |= pushedBack;
        if (!pushedBack)
        {
            _sumMs += took.TotalMilliseconds;
            _answers++;
        }

        if (now < _ends)
        {
            return;
        }

        double? roundMs = _answers > 0 ? _sumMs / _answers : null;
        bool slower = roundMs is { } ms && _rounds > 0 && ms > _mean + Math.Max(Deviations * Math.Sqrt(_variance), (_mean * (Tolerance - 1)) + ToleranceMs);
        if (_pushedBack || slower)
        {
            Limit = Math.Max(1, Math.Min(Limit * Decrease, Math.Floor(Limit) - 1));
            _careful = true;
        }
        else if (_reached)
        {
            Limit += _careful ? Careful : 1;
        }

        Limit = Math.Min(Limit, most);
        if (roundMs is { } value)
        {
            double difference = value - _mean;
            double weight = difference > 0 ? SmoothingUp : SmoothingDown;
            (_mean, _variance) = _rounds <= 0 ? (value, 0) : (_mean + (weight * difference), slower ? _variance : (1 - weight) * (_variance + (weight * difference * difference)));
            _rounds++;
        }

        (_sumMs, _answers, _pushedBack, _reached) = (0, 0, false, false);
        _ends = now + TimeSpan.FromMilliseconds(_mean);
    }
}
