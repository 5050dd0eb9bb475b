using Muniment.Delivery.Outcomes;

namespace Muniment.Delivery.Kinds.OAuth;

/// <summary>A token, or why there is none. <see cref="IsNew"/>: fetched for this very call.</summary>
internal readonly record struct BearerToken(string? Text, bool IsNew, DeliveryOutcome? Trouble)
{
    /// <summary>Never the token.</summary>
    public override string ToString() => Trouble is null ? "***" : Trouble.Message;
}
