using System.Security.Cryptography;
using Muniment.Events;
using Muniment.Messages.Tenants;

namespace Muniment.Gateway.Access;

/// <summary>Makes keys: the text that is shown once, and the record that is kept.</summary>
internal static class KeyIssuer
{
    /// <summary>A new key of a tenant.</summary>
    public static (string Text, KeyMessage Key) Create(
        TenantId tenant, Role role, string? name, TimeProvider time, string? user = null, string? project = null, bool actAs = false, long expiresMs = 0)
    {
        (string text, string id) = ApiKey.Create(tenant);
        byte[] hash = new byte[SHA256.HashSizeInBytes];
        ApiKey.Hash(text, hash);
        return (text, new KeyMessage(id, role.Name(), name, hash, user, project, actAs, time.GetUtcNow().ToUnixTimeMilliseconds(), expiresMs));
    }
}
