namespace Muniment.Gateway.Deciding;

/// <summary>Where a second person's word on a call stands.</summary>
public enum ApprovalState
{
    /// <summary>Nobody has said anything yet.</summary>
    Required,
    /// <summary>Approved: the same key and content pass once.</summary>
    Approved,
    /// <summary>Rejected.</summary>
    Rejected,
}

/// <summary>A second person's word on a call.</summary>
/// <param name="Id">Id of the approval.</param>
/// <param name="State">Where it stands.</param>
/// <param name="By">Who said it; null before.</param>
/// <param name="AtMs">When, Unix ms; 0 before.</param>
public sealed record DecisionApproval(string Id, ApprovalState State, string? By = null, long AtMs = 0);
