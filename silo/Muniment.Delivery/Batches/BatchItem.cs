using Muniment.Events;

namespace Muniment.Delivery.Batches;

/// <summary>One rendered event of a batch.</summary>
/// <param name="Seq">Its seq.</param>
/// <param name="N">Its number.</param>
/// <param name="GivenId">Its id; null for one that is computed.</param>
/// <param name="Offset">Where its bytes begin.</param>
/// <param name="Length">How many there are.</param>
/// <param name="Group">Which request it belongs to, where a kind needs several (signals of OTLP).</param>
public readonly record struct BatchItem(long Seq, long N, string? GivenId, int Offset, int Length, byte Group)
{
    /// <summary>Its id: computed only when somebody asks, because few do.</summary>
    public string Id => GivenId ?? EventIds.Compute(Tenant, Seq, ReceivedNs);

    /// <summary>Whose it is; needed where the id is computed.</summary>
    public TenantId Tenant { get; init; }

    /// <summary>When it was received, nanoseconds since 1970.</summary>
    public long ReceivedNs { get; init; }
}
