namespace Muniment.Messages.Tenants;

/// <summary>What a tenant is, without its keys and settings.</summary>
/// <param name="Id">Its name in keys, URLs and grain keys.</param>
/// <param name="Name">What people call it, or null.</param>
/// <param name="Region">Where its data is to be kept, or null.</param>
/// <param name="Quota">Its limits.</param>
/// <param name="CreatedMs">Unix ms.</param>
[GenerateSerializer, Immutable, Alias("muniment.tenant.definition")]
public sealed record TenantMessage(
    [property: Id(0)] string Id, [property: Id(1)] string? Name, [property: Id(2)] string? Region, [property: Id(3)] QuotaMessage Quota, [property: Id(4)] long CreatedMs);
