using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.RegularExpressions;
using Muniment.Delivery.Kinds.OtlpHttp;
using Muniment.Delivery.Outcomes;

namespace Muniment.Delivery.Kinds.OtlpGrpc;

/// <summary>The status of a call: from the trailers, or from the head where an error comes without a body; null when what answered does not speak gRPC.</summary>
internal readonly partial record struct GrpcAnswer(int? Code, string Message, TimeSpan? Retry)
{
    /// <summary>Statuses that the specification calls permanent and that receivers which are unwell say too.</summary>
    public const int Unknown = 2, Internal = 13;

    public static GrpcAnswer Read(HttpResponseMessage response)
    {
        HttpResponseHeaders headers = response.TrailingHeaders.Contains("grpc-status") ? response.TrailingHeaders : response.Headers;
        return Text(headers, "grpc-status") is { } text && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int code)
            ? new GrpcAnswer(code, HttpOutcome.Clean(Uri.UnescapeDataString(Text(headers, "grpc-message") ?? "")), RetryOf(Text(headers, "grpc-status-details-bin")))
            : new GrpcAnswer(null, "", null);
    }

    /// <summary>
    /// The table of docs/siem/otlp.md. UNKNOWN and INTERNAL are permanent by the specification; here they are tried again first, see <see cref="RecordDoubt"/>.
    /// RESOURCE_EXHAUSTED stands for a full receiver as well as for a large message. Without RetryInfo the specification takes it for the latter, and several records go in
    /// halves unless the words speak of load; one alone is too large only where the words say so, because it is given up then.
    /// </summary>
    public DeliveryOutcome? ToOutcome(string path, int records) => Code switch
    {
        0 => null,
        16 => DeliveryOutcome.CredentialRejected(Say("UNAUTHENTICATED"), "renew credential.headers; everything is kept meanwhile", 16),
        7 => DeliveryOutcome.CredentialRejected(Say("PERMISSION_DENIED"), "the credential may not send this signal", 7),
        12 => DeliveryOutcome.Misconfigured(Say("UNIMPLEMENTED"), "the receiver has no " + path + ": check the endpoint, and that this signal is enabled there", status: 12),
        5 => DeliveryOutcome.Misconfigured(Say("NOT_FOUND"), "check the endpoint", status: 5),
        9 => DeliveryOutcome.Misconfigured(Say("FAILED_PRECONDITION"), "check the receiver's configuration", status: 9),
        3 => DeliveryOutcome.BadRecord(Say("INVALID_ARGUMENT"), status: 3),
        6 => DeliveryOutcome.BadRecord(Say("ALREADY_EXISTS"), status: 6),
        8 when Retry is null && (SpeaksOfSize || (records > 1 && !LoadWords().IsMatch(Message))) => DeliveryOutcome.TooLarge(Say("RESOURCE_EXHAUSTED"), 8),
        11 when Retry is null && SpeaksOfSize => DeliveryOutcome.TooLarge(Say("OUT_OF_RANGE"), 11), // what Rust's tonic says
        8 => DeliveryOutcome.RetryLater(ReasonCode.RateLimited, Say("RESOURCE_EXHAUSTED"), "the receiver limits the rate", Retry, 8),
        { } other => DeliveryOutcome.RetryLater(ReasonCode.DestinationError, Say("grpc-status"), delay: Retry, status: other),
        null => null,
    };

    /// <summary>
    /// What came from something that is no gRPC server, such as a proxy (gRPC's http-grpc-status-mapping).
    /// </summary>
    public static DeliveryOutcome OfHttp(HttpResponseMessage response, DateTimeOffset now) => (int)response.StatusCode switch
    {
        200 => DeliveryOutcome.Misconfigured("HTTP 200 without grpc-status", "the port speaks HTTP, not gRPC: check host and port (often 4317)", ReasonCode.TransportMismatch, 200),
        400 => DeliveryOutcome.RetryLater(ReasonCode.DestinationError, "HTTP 400 without grpc-status", "a proxy refused the call", status: 400),
        404 => DeliveryOutcome.Misconfigured("HTTP 404 without grpc-status", "no gRPC service at this address: check host and port", status: 404),
        _ => HttpOutcome.OfStatus(response, now),
    };

    private bool SpeaksOfSize => SizeWords().IsMatch(Message) && !LoadWords().IsMatch(Message);

    private string Say(string name) => $"{name} ({Code}){(Message.Length > 0 ? ": " + Message : "")}";

    private static string? Text(HttpResponseHeaders headers, string name) => headers.NonValidated.TryGetValues(name, out HeaderStringValues values) ? values.ToString() : null;

    /// <summary><c>google.rpc.Status{details: [Any{type_url, value: RetryInfo{retry_delay: Duration}}]}</c>, base64 with or without padding.</summary>
    private static TimeSpan? RetryOf(string? details)
    {
        if (details is null || details.Length > 16 * 1024)
        {
            return null;
        }

        byte[] bytes = new byte[details.Length];
        if (!Convert.TryFromBase64String(details.PadRight((details.Length + 3) / 4 * 4, '='), bytes, out int length))
        {
            return null;
        }

        ReadOnlySpan<byte> status = bytes.AsSpan(0, length);
        while (Proto.TryReadField(ref status, out int field, out _, out ReadOnlySpan<byte> any))
        {
            if (field != 3)
            {
                continue;
            }

            bool isRetry = false;
            scoped ReadOnlySpan<byte> value = default;
            while (Proto.TryReadField(ref any, out int inner, out _, out ReadOnlySpan<byte> part))
            {
                isRetry |= inner == 1 && Encoding.UTF8.GetString(part).EndsWith("/google.rpc.RetryInfo", StringComparison.Ordinal);
                value = inner == 2 ? part : value;
            }

            if (isRetry && Proto.TryReadField(ref value, out int delay, out _, out ReadOnlySpan<byte> duration) && delay == 1)
            {
                return Read(duration);
            }
        }

        return null;
    }

    private static TimeSpan Read(ReadOnlySpan<byte> duration)
    {
        double seconds = 0;
        while (Proto.TryReadField(ref duration, out int field, out ulong number, out _))
        {
            seconds += field == 1 ? (long)number : field == 2 ? (int)(long)number / 1e9 : 0;
        }

        return TimeSpan.FromSeconds(Math.Clamp(seconds, RetryAfter.Shortest.TotalSeconds, RetryAfter.Longest.TotalSeconds));
    }

    /// <summary>"received message larger than max (5 vs. 4)" (Go, C++, Node.js), "gRPC message exceeds maximum size 4: 5" (Java), "message length too large" (Rust).</summary>
    [GeneratedRegex(@"larger than max|message length|too large|\bsize\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex SizeWords();

    /// <summary>What is full has a size too: "queue size exceeded" passes by itself.</summary>
    [GeneratedRegex(@"queue|buffer|memory|quota|\brate", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex LoadWords();
}
