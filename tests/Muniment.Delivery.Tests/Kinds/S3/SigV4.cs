using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Muniment.Delivery.Tests.Kinds.S3;

/// <summary>Signature Version 4 for S3 as AWS writes it down ("Authenticating requests"); held against the examples that AWS publishes, and used to check what the SDK signs.</summary>
internal static class SigV4
{
    /// <summary>The signature of a request.</summary>
    public static string Of(WireRequest request, IReadOnlyList<string> signed, string secret, string date, string region)
    {
        string path = string.Join('/', request.Path.Split('/').Select(Uri.EscapeDataString));
        string query = string.Join('&', request.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries).Select(p => p.Contains('=', StringComparison.Ordinal) ? p : p + "=").Order(StringComparer.Ordinal));
        string headers = string.Concat(signed.Select(h => $"{h}:{string.Join(' ', (request.Header(h) ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries))}\n"));
        string canonical = $"{request.Method}\n{path}\n{query}\n{headers}\n{string.Join(';', signed)}\n{request.Header("x-amz-content-sha256")}";
        string time = request.Header("x-amz-date")!;
        string toSign = $"AWS4-HMAC-SHA256\n{time}\n{date}/{region}/s3/aws4_request\n{Hex(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)))}";
        byte[] key = Encoding.UTF8.GetBytes("AWS4" + secret);
        foreach (string part in (string[])[date, region, "s3", "aws4_request"])
        {
            key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(part));
        }

        return Hex(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(toSign)));
    }

    public static DateTimeOffset Time(string amzDate) => DateTimeOffset.ParseExact(amzDate, "yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);
}
