using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Muniment.Events;

namespace Muniment.Delivery.Kinds.Elastic;

/// <summary>
/// The <c>_id</c> of an event. An id of ours, computed from the entry itself, stands as it is. An id of a sender's choice, a UUID too, may be given to two events, or occur in
/// two logs that share a data stream; the second would be answered with 409 and be taken for stored, so log and seq are added.
/// </summary>
internal static class ElasticId
{
    /// <summary>Longest id that Elasticsearch takes, in bytes.</summary>
    public const int MaxBytes = 512;

    private const int MaxOwnBytes = 400;

    public static string Of(string id, string origin, TenantId tenant, long seq)
    {
        if (EventIds.TryDecodeSeq(tenant, id, out long own) && own == seq)
        {
            return id;
        }

        byte[] text = Encoding.UTF8.GetBytes(id);
        string log = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(origin)).AsSpan(0, 6));
        string head = text.Length <= MaxOwnBytes ? id : Convert.ToHexStringLower(SHA256.HashData(text));
        return $"{head}~{log}-{seq.ToString(CultureInfo.InvariantCulture)}";
    }
}
