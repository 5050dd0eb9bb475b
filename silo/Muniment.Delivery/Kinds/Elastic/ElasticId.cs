using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Muniment.Delivery.Kinds.Elastic;

/// <summary>
/// The <c>_id</c> of an event. A UUID, ours or the sender's, stands as it is. Another id of a sender's choice may occur in two logs that share a data stream, where the
/// second event would be taken for the first, so log and seq are added.
/// </summary>
internal static class ElasticId
{
    /// <summary>Longest id that Elasticsearch takes, in bytes.</summary>
    public const int MaxBytes = 512;

    private const int MaxOwnBytes = 400;

    public static string Of(string id, string origin, long seq)
    {
        if (Guid.TryParseExact(id, "D", out _))
        {
            return id;
        }

        byte[] own = Encoding.UTF8.GetBytes(id);
        string log = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(origin)).AsSpan(0, 6));
        string head = own.Length <= MaxOwnBytes ? id : Convert.ToHexStringLower(SHA256.HashData(own));
        return $"{head}~{log}-{seq.ToString(CultureInfo.InvariantCulture)}";
    }
}
