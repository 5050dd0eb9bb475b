namespace Muniment.Events.Administration;

/// <summary>Who did what as an administrator, without what it changed.</summary>
/// <param name="Id">Its own; a repeated recording of the same act is known by it.</param>
/// <param name="Tenant">Whose journal it belongs to.</param>
/// <param name="KeyId">Id of the key.</param>
/// <param name="User">User that the key is bound to, or null.</param>
/// <param name="Role">Role of the key, as its contract name.</param>
/// <param name="Action"><c>resource.verb</c>, e.g. <c>destination.create</c>.</param>
/// <param name="Target">Name of the thing.</param>
/// <param name="Request">Trace id of the request, or null.</param>
/// <param name="TimeNs">When, Unix ns.</param>
/// <param name="Asked">What was asked for as JSON where before and after do not say it, or empty.</param>
public sealed record AdminAct(
    string Id, TenantId Tenant, string KeyId, string? User, string Role, string Action, string Target, string? Request, long TimeNs, ReadOnlyMemory<byte> Asked);
