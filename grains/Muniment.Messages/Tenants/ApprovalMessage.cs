namespace Muniment.Messages.Tenants;

/// <summary>An approval as it stands.</summary>
/// <param name="Id">Its id, a UUID version 7.</param>
/// <param name="State"><c>required</c>, <c>approved</c> or <c>rejected</c>.</param>
/// <param name="Ask">What is to be approved.</param>
/// <param name="AskedMs">When it was asked for first, Unix ms.</param>
/// <param name="By">Who said so: the user, else the key; null before.</param>
/// <param name="AtMs">When, Unix ms; 0 before.</param>
[GenerateSerializer, Immutable, Alias("muniment.approval")]
public sealed record ApprovalMessage(
    [property: Id(0)] string Id, [property: Id(1)] string State, [property: Id(2)] ApprovalAsk Ask, [property: Id(3)] long AskedMs, [property: Id(4)] string? By, [property: Id(5)] long AtMs);
