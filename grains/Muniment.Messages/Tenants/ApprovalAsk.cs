namespace Muniment.Messages.Tenants;

/// <summary>A call that a rule wants approved.</summary>
/// <param name="Digest">Keyed digest of the asking key and of all that was decided on.</param>
/// <param name="KeyId">The asking key.</param>
/// <param name="Decision">Id of the decision that asks.</param>
/// <param name="Action">The call's action.</param>
/// <param name="Target">Its target, or null.</param>
/// <param name="Tool">Its tool, or null.</param>
/// <param name="User">The human behind it, or null.</param>
/// <param name="Project">Its project, or null.</param>
/// <param name="Risk">Its risk, or null.</param>
/// <param name="Policy">The policy that wants it.</param>
/// <param name="Version">Its version.</param>
/// <param name="Rule">Its rule.</param>
/// <param name="Reason">The rule's reason, or null.</param>
[GenerateSerializer, Immutable, Alias("muniment.approval.ask")]
public sealed record ApprovalAsk(
    [property: Id(0)] string Digest,
    [property: Id(1)] string KeyId,
    [property: Id(2)] string Decision,
    [property: Id(3)] string Action,
    [property: Id(4)] string? Target,
    [property: Id(5)] string? Tool,
    [property: Id(6)] string? User,
    [property: Id(7)] string? Project,
    [property: Id(8)] string? Risk,
    [property: Id(9)] string Policy,
    [property: Id(10)] long Version,
    [property: Id(11)] string Rule,
    [property: Id(12)] string? Reason);
