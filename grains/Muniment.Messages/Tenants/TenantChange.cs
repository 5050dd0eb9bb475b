namespace Muniment.Messages.Tenants;

/// <summary>Answer to a change of a tenant.</summary>
/// <param name="Status">How it ended.</param>
/// <param name="Version">Version of the changed thing.</param>
/// <param name="Before">JSON before the change, for the audit event; empty when there was nothing.</param>
/// <param name="After">JSON after the change; empty when there is nothing.</param>
/// <param name="Detail">When refused: the name of what stands in the way.</param>
/// <param name="IsStored">Unrecorded: whether this change is stored and only its record is missing; otherwise an earlier one stood in the way and this one was not made.</param>
[GenerateSerializer, Immutable, Alias("muniment.tenant.change")]
public sealed record TenantChange(
    [property: Id(0)] TenantChangeStatus Status,
    [property: Id(1)] long Version,
    [property: Id(2)] ReadOnlyMemory<byte> Before,
    [property: Id(3)] ReadOnlyMemory<byte> After,
    [property: Id(4)] string? Detail,
    [property: Id(5)] bool IsStored = false);
