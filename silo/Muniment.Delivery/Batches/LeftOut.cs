namespace Muniment.Delivery.Batches;

/// <summary>How many events of a range were not for the destination, by the first reason that applied.</summary>
/// <param name="Stream">Of a stream that is not selected.</param>
/// <param name="Where">Not matching <c>where</c>.</param>
/// <param name="Sample">Not sampled.</param>
/// <param name="Retention">Gone before they were read.</param>
public readonly record struct LeftOut(long Stream, long Where, long Sample, long Retention)
{
    /// <summary>All together.</summary>
    public long Total => Stream + Where + Sample + Retention;

    /// <summary>Sum.</summary>
    public static LeftOut operator +(LeftOut a, LeftOut b) => new(a.Stream + b.Stream, a.Where + b.Where, a.Sample + b.Sample, a.Retention + b.Retention);
}
