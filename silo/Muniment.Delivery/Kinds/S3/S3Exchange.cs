using System.Net;
using System.Text;
using System.Xml;
using Muniment.Delivery.Outcomes;

namespace Muniment.Delivery.Kinds.S3;

/// <summary>What the wire saw of one call of the SDK: status, the error's code, the region that a bucket is in, how long to wait.</summary>
internal sealed class S3Exchange
{
    public HttpStatusCode? Status { get; private set; }

    public string Code { get; private set; } = "";

    public string Region { get; private set; } = "";

    public TimeSpan? RetryAfter { get; private set; }

    public bool LooksLikeHtml { get; private set; }

    /// <summary>The failure that the SDK wraps in one of its own.</summary>
    public Exception? Failure { get; set; }

    public void Read(HttpResponseMessage response, byte[] body, DateTimeOffset now)
    {
        Status = response.StatusCode;
        RetryAfter = Outcomes.RetryAfter.Read(response.Headers, now);
        Region = response.Headers.TryGetValues("x-amz-bucket-region", out IEnumerable<string>? values) ? Clean(values.First()) : "";
        LooksLikeHtml = Encoding.ASCII.GetString(body.AsSpan(0, Math.Min(body.Length, 64))).TrimStart() is { } start && (start.StartsWith("<!doctype", StringComparison.OrdinalIgnoreCase) || start.StartsWith("<html", StringComparison.OrdinalIgnoreCase));
        try
        {
            using XmlReader reader = XmlReader.Create(new MemoryStream(body), new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, MaxCharactersInDocument = 1 << 17 });
            while (reader.Read())
            {
                if (reader is { NodeType: XmlNodeType.Element, Depth: 1, LocalName: "Code" })
                {
                    Code = Clean(reader.ReadElementContentAsString());
                }

                if (reader is { NodeType: XmlNodeType.Element, Depth: 1, LocalName: "Region" })
                {
                    Region = Clean(reader.ReadElementContentAsString());
                }
            }
        }
        catch (XmlException)
        {
            // no error document: the status says what there is to say
        }
    }

    /// <summary>The outcome, by docs/siem/s3.md. Only the code of the error is repeated: messages of S3 hold key ids and what was signed.</summary>
    public DeliveryOutcome ToOutcome(string key, bool ambient)
    {
        int status = (int)Status!.Value;
        string said = Code.Length > 0 ? $"HTTP {status}: {Code}" : $"HTTP {status}";
        return (status, Code) switch
        {
            ( >= 200 and < 300, _) when LooksLikeHtml => DeliveryOutcome.Misconfigured("the answer is a web page", "check endpoint", ReasonCode.TransportMismatch, status),
            ( >= 200 and < 300, _) => DeliveryOutcome.Delivered(key, status),
            (412, _) => DeliveryOutcome.Delivered(key + " was there already", status),
            (409, "ConditionalRequestConflict" or "OperationAborted" or "") => DeliveryOutcome.RetryLater(ReasonCode.DestinationError, said, status: status),
            (_, "ExpiredToken") when ambient => DeliveryOutcome.CredentialRejected(said, "the process's own credential has expired: renew it where it comes from", status),
            (_, "ExpiredToken" or "InvalidToken" or "TokenRefreshRequired") => DeliveryOutcome.CredentialRejected(said, "renew credential.session_token and the keys", status),
            (_, "InvalidAccessKeyId" or "SignatureDoesNotMatch") => DeliveryOutcome.CredentialRejected(said, "check credential.access_key_id and secret_access_key", status),
            (_, "RequestTimeTooSkewed") => DeliveryOutcome.RetryLater(ReasonCode.DestinationError, said, "set this machine's clock", status: status),
            (_, "AccessDenied" or "AllAccessDisabled") => DeliveryOutcome.CredentialRejected(said, "the key needs s3:PutObject on the prefix, and s3:PutObjectRetention for object_lock", status),
            (_, "NoSuchBucket") => DeliveryOutcome.Misconfigured(said, "check options.bucket", status: status),
            (_, "AuthorizationHeaderMalformed" or "PermanentRedirect" or "TemporaryRedirect" or "IllegalLocationConstraintException") =>
                DeliveryOutcome.Misconfigured(said, Region.Length > 0 ? $"set options.region to {Region}" : "check options.region, and endpoint", status: status),
            (_, "InvalidRequest" or "InvalidArgument" or "InvalidBucketState" or "ObjectLockConfigurationNotFoundError") =>
                DeliveryOutcome.Misconfigured(said, "check options.object_lock: the bucket must have been made with object lock", status: status),
            (_, "EntityTooLarge") => DeliveryOutcome.TooLarge(said, status),
            (_, "SlowDown" or "TooManyRequests") or (429, _) => DeliveryOutcome.RetryLater(ReasonCode.RateLimited, said, "the bucket limits the rate", RetryAfter, status),
            (_, "RequestTimeout" or "InternalError" or "ServiceUnavailable" or "BadDigest" or "IncompleteBody") => DeliveryOutcome.RetryLater(ReasonCode.DestinationError, said, delay: RetryAfter, status: status),
            ( >= 300 and < 400, _) => DeliveryOutcome.Misconfigured(said + ": redirects are not followed", Region.Length > 0 ? $"set options.region to {Region}" : "put the final address into endpoint", status: status),
            (401 or 403 or 407, _) => DeliveryOutcome.CredentialRejected(said, "renew the credential; everything is kept meanwhile", status),
            (413, _) => DeliveryOutcome.TooLarge(said, status),
            ( >= 500 or 408, _) => DeliveryOutcome.RetryLater(ReasonCode.DestinationError, said, delay: RetryAfter, status: status),
            _ => DeliveryOutcome.Misconfigured(said, "check endpoint, bucket and region", status: status),
        };
    }

    private static string Clean(string text) => new([.. HttpOutcome.Clean(text).Where(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.')]);
}
