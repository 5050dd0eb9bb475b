using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Muniment.Events;
using Muniment.Events.Canonical.Sessions;
using Muniment.Events.Keys;
using Muniment.Events.Terms;
using Muniment.Journal.Index;

namespace Muniment.Journal.Sessions;

/// <summary>
/// A session as it lies in its table: found by keyed hashes, the fold itself encrypted like a page of the index. Without the tenant's key a row tells nothing but how new the session is.
/// </summary>
internal sealed record SessionRow(string Session, long LastSeq, long? UserTerm, long? AgentTerm, long? ProjectTerm, byte[] State)
{
    /// <summary>Differs from the formats of index pages and bloom filters, so that neither can stand in for a fold.</summary>
    private const byte Format = 0x53;

    public static string KeyOf(TenantKeys keys, string session) => Convert.ToHexString(HMACSHA256.HashData(keys.DedupKey.Span, Encoding.UTF8.GetBytes("session\0" + session)).AsSpan(0, 16));

    public static long? TermOf(TenantKeys keys, TermField field, string? value) => value is null ? null : (long)new TermHasher(keys).Hash(field, Encoding.UTF8.GetBytes(value));

    public static SessionRow Seal(TenantKeys keys, int version, SessionFold fold)
    {
        string key = KeyOf(keys, fold.Session);
        return new SessionRow(
            key, fold.LastSeq, TermOf(keys, TermField.User, fold.User), TermOf(keys, TermField.Agent, fold.Agent), TermOf(keys, TermField.Project, fold.Project),
            PageCipher.Seal(keys, Format, Place(key), version, fold.WriteState()));
    }

    /// <summary>The fold; null when other code wrote it.</summary>
    public static SessionFold? Open(ITenantKeyring keyring, TenantId tenant, int version, string key, byte[] state) =>
        SessionFold.ReadState(PageCipher.Open(keyring, tenant, Format, Place(key), version, state));

    private static long Place(string key) => BinaryPrimitives.ReadInt64BigEndian(Convert.FromHexString(key.AsSpan(0, 16)));
}
