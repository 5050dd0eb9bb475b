using System.Security.Cryptography;
using Muniment.Events;
using Muniment.Messages.Tenants;

namespace Muniment.Gateway.Access;

/// <summary>One key of a tenant as the gateway holds it, with its caller ready made so that a request allocates none.</summary>
internal sealed class KnownKey
{
    private readonly KeyMessage _key;

    public KnownKey(TenantId tenant, KeyMessage key, Role role)
    {
        _key = key;
        Caller = new Caller(tenant, key.Id, role, key.User, key.Project, key.ActAs);
    }

    /// <summary>Who calls with it.</summary>
    public Caller Caller { get; }

    /// <summary>Whether this text is the key, in time that does not depend on where it differs.</summary>
    public bool Matches(ReadOnlySpan<char> text)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        ApiKey.Hash(text, hash);
        return CryptographicOperations.FixedTimeEquals(hash, _key.Hash.Span);
    }

    /// <summary>Whether its time is over.</summary>
    public bool ExpiredAt(long nowMs) => _key.ExpiresMs != 0 && nowMs >= _key.ExpiresMs;
}
