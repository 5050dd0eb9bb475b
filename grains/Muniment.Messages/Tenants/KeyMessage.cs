namespace Muniment.Messages.Tenants;

/// <summary>One API key as it is kept: never the secret, only its hash.</summary>
/// <param name="Id">Public id, safe to record.</param>
/// <param name="Role">Role name of the contract (<c>ingest</c> … <c>super_admin</c>).</param>
/// <param name="Name">What people call it, or null.</param>
/// <param name="Hash">SHA-256 of the whole key text, 32 bytes.</param>
/// <param name="User">User it is bound to, or null.</param>
/// <param name="Project">Project it is bound to, or null.</param>
/// <param name="ActAs">Whether a body's actor counts.</param>
/// <param name="CreatedMs">Unix ms.</param>
/// <param name="ExpiresMs">Unix ms, or 0 for never.</param>
[GenerateSerializer, Immutable, Alias("muniment.tenant.key")]
public sealed record KeyMessage(
    [property: Id(0)] string Id,
    [property: Id(1)] string Role,
    [property: Id(2)] string? Name,
    [property: Id(3)] ReadOnlyMemory<byte> Hash,
    [property: Id(4)] string? User,
    [property: Id(5)] string? Project,
    [property: Id(6)] bool ActAs,
    [property: Id(7)] long CreatedMs,
    [property: Id(8)] long ExpiresMs);
