using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Muniment.Delivery.Tests.Kinds.S3;

/// <summary>A bucket by docs/siem/s3.md: signature, hash and checksum of the body, time, condition, layout of keys, lines of gzip. Path style.</summary>
internal sealed partial class StrictS3 : StrictServer
{
    private readonly Dictionary<string, byte[]> _objects = [];

    public string Region { get; set; } = "eu-west-1";

    public Dictionary<string, string> Secrets { get; } = new() { ["AKIDFIRST"] = "first-secret", ["AKIDRENEWED"] = "renewed-secret" };

    public bool WantsLock { get; set; }

    public bool KnowsCondition { get; set; } = true;

    public string? WantsToken { get; set; }

    /// <summary>Whether gzip was taken off before the request came here (the fault table does).</summary>
    public bool IsInflated { get; init; }

    public IReadOnlyDictionary<string, byte[]> Objects
    {
        get
        {
            lock (_objects)
            {
                return new Dictionary<string, byte[]>(_objects);
            }
        }
    }

    protected override WireAnswer Take(WireRequest request)
    {
        Must(request.Method == "PUT" && request.Path.StartsWith("/audit-log/", StringComparison.Ordinal) && request.Query.Length == 0, 404, "1.5: PUT {endpoint}/{bucket}/{key}", Error("NoSuchBucket"));
        Match authorization = Authorization().Match(request.Header("Authorization") ?? "");
        Must(authorization.Success, 403, "1.5: Authorization AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=hex", Error("AccessDenied"));
        string id = authorization.Groups["id"].Value;
        Must(Secrets.ContainsKey(id) && Knows(id, "AKIDFIRST"), 403, "1.5: InvalidAccessKeyId", Error("InvalidAccessKeyId"));
        string region = authorization.Groups["region"].Value;
        Must(region == Region, 400, "1.5: AuthorizationHeaderMalformed tells the right region", Error("AuthorizationHeaderMalformed", $"<Region>{Region}</Region>"));
        WireRequest sent = IsInflated ? request.WithHeader("Content-Encoding", "gzip") : request;
        string[] signed = authorization.Groups["signed"].Value.Split(';');
        Must(new[] { "host", "x-amz-content-sha256", "x-amz-date" }.All(signed.Contains), 403, "1.5: SignedHeaders=host;x-amz-content-sha256;x-amz-date", Error("AccessDenied"));
        Must(request.Headers.Keys.Where(h => h.StartsWith("x-amz-", StringComparison.OrdinalIgnoreCase)).All(h => signed.Contains(h.ToLowerInvariant())), 403, "1.5: every x-amz- header is signed", Error("AccessDenied"));
        Must(WantsToken is null || request.Header("x-amz-security-token") == WantsToken, 403, "1.5: x-amz-security-token", Error("InvalidToken"));
        string date = request.Header("x-amz-date") ?? "";
        Must(AmzDate().IsMatch(date) && date.StartsWith(authorization.Groups["date"].Value, StringComparison.Ordinal), 403, "1.5: x-amz-date", Error("AccessDenied"));
        Must((SigV4.Time(date) - TimeProvider.System.GetUtcNow()).Duration() < TimeSpan.FromMinutes(15), 403, "1.5: clock skew over 15 minutes", Error("RequestTimeTooSkewed"));
        string? hash = request.Header("x-amz-content-sha256");
        Must(hash is not null && BodyHash().IsMatch(hash), 400, "1.5: x-amz-content-sha256 is required, the hash of the body in hex", Error("InvalidRequest"));
        Must(SigV4.Of(sent, signed, Secrets[id], authorization.Groups["date"].Value, region) == authorization.Groups["signature"].Value, 403, "1.5: SignatureDoesNotMatch", Error("SignatureDoesNotMatch"));
        Must(IsInflated || Convert.ToHexStringLower(SHA256.HashData(request.Body)) == hash, 400, "1.5: the body is not the signed one", Error("XAmzContentSHA256Mismatch"));
        string? checksum = request.Header("x-amz-checksum-sha256");
        Must(checksum is not null && (IsInflated || Convert.ToBase64String(SHA256.HashData(request.Body)) == checksum), 400, "1.5: x-amz-checksum-sha256", Error("BadDigest"));
        Must(request.Header("Content-Type") == "application/x-ndjson" && (IsInflated || request.Header("Content-Encoding") == "gzip"), 400, "1.5: Content-Type application/x-ndjson, Content-Encoding gzip", Error("InvalidArgument"));
        Must(!WantsLock || (request.Header("x-amz-object-lock-mode") is "COMPLIANCE" or "GOVERNANCE"
            && DateTimeOffset.TryParse(request.Header("x-amz-object-lock-retain-until-date"), CultureInfo.InvariantCulture, out DateTimeOffset until) && until > TimeProvider.System.GetUtcNow()),
            400, "1.5: object lock needs mode and date", Error("InvalidArgument"));
        Must(KnowsCondition || request.Header("If-None-Match") is null, 501, "", Error("NotImplemented"));
        Must(!KnowsCondition || request.Header("If-None-Match") == "*", 400, "1.5: If-None-Match: *, or a repeat would overwrite", Error("InvalidArgument"));
        string key = request.Path["/audit-log/".Length..];
        Match name = Key().Match(key);
        Must(name.Success, 400, "1.5: deterministic key with the range of seqs and a digest", Error("InvalidArgument"));
        byte[] lines = request.Inflated();
        Must(name.Groups["test"].Success || Convert.ToHexStringLower(SHA256.HashData(lines)).StartsWith(name.Groups["digest"].Value, StringComparison.Ordinal), 400, "1.5: the digest in the key is that of the lines", Error("InvalidArgument"));
        JsonNode[] events = [.. System.Text.Encoding.UTF8.GetString(lines).Split('\n')[..^1].Select(l => JsonNode.Parse(l)!)];
        Must(lines[^1] == '\n' && events.Length > 0, 400, "NDJSON ends with a line end", Error("InvalidArgument"));
        lock (_objects)
        {
            if (_objects.ContainsKey(key))
            {
                return new WireAnswer(412, Error("PreconditionFailed"), "application/xml");
            }

            _objects[key] = request.Body;
        }

        foreach (JsonNode value in events)
        {
            Keep(value["id"]!.GetValue<string>(), value.ToJsonString());
        }

        return new WireAnswer(200);
    }

    public static string Error(string code, string more = "") => $"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><Message>secret words</Message>{more}<RequestId>1</RequestId></Error>";

    [GeneratedRegex("^AWS4-HMAC-SHA256 Credential=(?<id>[A-Z0-9]+)/(?<date>\\d{8})/(?<region>[a-z0-9-]+)/s3/aws4_request, ?SignedHeaders=(?<signed>[a-z0-9;-]+), ?Signature=(?<signature>[0-9a-f]{64})$")]
    private static partial Regex Authorization();

    [GeneratedRegex("^\\d{8}T\\d{6}Z$")]
    private static partial Regex AmzDate();

    [GeneratedRegex("^[0-9a-f]{64}$")]
    private static partial Regex BodyHash();

    [GeneratedRegex("^([\\w./=-]+/)?(dt=\\d{4}-\\d\\d-\\d\\d/hour=\\d\\d/[a-z0-9._-]+-\\d{12}-\\d{12}-(?<digest>[0-9a-f]{16})|(?<test>_test)/[0-9a-f-]+)\\.ndjson\\.gz$")]
    private static partial Regex Key();
}
