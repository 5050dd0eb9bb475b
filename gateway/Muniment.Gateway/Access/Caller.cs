using Muniment.Events;

namespace Muniment.Gateway.Access;

/// <summary>Who is calling: one valid key, and the tenant it acts in.</summary>
/// <param name="Tenant">The key's tenant; for a super-admin the one named by <c>x-muniment-tenant</c>, else its own.</param>
/// <param name="KeyId">Id of the key, safe to record.</param>
/// <param name="Role">What it may.</param>
/// <param name="User">User it is bound to, or null.</param>
/// <param name="Project">Project it is bound to, or null.</param>
/// <param name="ActAs">Whether a body's actor counts at decide, llm and mcp.</param>
public sealed record Caller(TenantId Tenant, string KeyId, Role Role, string? User, string? Project, bool ActAs);
