using System.Text.Json;
using Muniment.Delivery.Outcomes;

namespace Muniment.Delivery.Kinds.SplunkHec;

/// <summary>What a collector said: HTTP status, its own code, the position of a bad event, an acknowledgement id.</summary>
internal readonly record struct HecAnswer(int Status, int? Code, int? BadEvent, long? AckId, bool LooksLikeHtml)
{
    public static HecAnswer Read(int status, ReadOnlySpan<byte> body)
    {
        ReadOnlySpan<byte> text = body.TrimStart(" \t\r\n"u8);
        if (text.IsEmpty || text[0] != (byte)'{')
        {
            return new HecAnswer(status, null, null, null, !text.IsEmpty && text[0] == (byte)'<');
        }

        try
        {
            Utf8JsonReader reader = new(text);
            JsonElement root = JsonElement.ParseValue(ref reader);
            return new HecAnswer(status, (int?)Number(root, "code"), (int?)Number(root, "invalid-event-number"), Number(root, "ackId"), false);
        }
        catch (JsonException)
        {
            return new HecAnswer(status, null, null, null, false);
        }
    }

    /// <summary>
    /// The code table of Splunk. The status decides first: 401 and 403 are always about the credential, 5xx always mean later, whatever code a proxy or a mistaken server put
    /// beside them; codes decide between the meanings of 400, and a 2xx with a code other than 0 was not taken. Null leaves it to the status alone. Code 7 (incorrect index)
    /// also carries a position, one too high, but the index is the configuration's and the same for every event, so the position says nothing.
    /// </summary>
    public DeliveryOutcome? ToOutcome() => Status switch
    {
        401 or 403 => OfCredential(),
        >= 500 => Code is { } code ? DeliveryOutcome.RetryLater(ReasonCode.DestinationError, code == 9 ? "the server is busy (code 9)" : $"the server is not healthy (code {code})", status: Status) : null,
        400 => OfCode(),
        >= 200 and < 300 when Code is 0 => DeliveryOutcome.Delivered(AckId is null ? "code 0" : $"ackId {AckId}", Status),
        >= 200 and < 300 when Code is not null => OfCode()
            ?? DeliveryOutcome.RetryLater(ReasonCode.DestinationError, $"HTTP {Status} with code {Code}, which is no success", "check what answers in the collector's place", status: Status),
        _ => null,
    };

    private DeliveryOutcome? OfCode() => Code switch
    {
        (>= 1 and <= 4) or 21 or 22 => OfCredential(),
        5 => DeliveryOutcome.Misconfigured("the collector saw no data (code 5)", "something between here and the collector takes the body away", status: Status),
        6 or 12 or 13 or 15 => DeliveryOutcome.BadRecord(Text, BadEvent, Status),
        7 => DeliveryOutcome.Misconfigured("incorrect index (code 7)", "set options.index to an index that exists and that the token may write", status: Status),
        10 or 11 => DeliveryOutcome.Misconfigured($"the token wants indexer acknowledgement (code {Code})", "set options.ack to true", status: Status),
        14 => DeliveryOutcome.Misconfigured("indexer acknowledgement is disabled (code 14)", "set options.ack to false, or enable it for the token", status: Status),
        16 => DeliveryOutcome.Misconfigured("query string authorization is not enabled (code 16)", "check the endpoint", status: Status),
        8 or 9 or (>= 18 and <= 20) or 23 => DeliveryOutcome.RetryLater(ReasonCode.DestinationError, $"the server is not healthy (code {Code})", status: Status),
        _ => null,
    };

    private DeliveryOutcome OfCredential() => Code switch
    {
        1 => DeliveryOutcome.CredentialRejected("the token is disabled (code 1)", "enable the token in Splunk", Status),
        2 or 3 => DeliveryOutcome.CredentialRejected($"Splunk did not accept the authorization (code {Code})", "check credential.token", Status),
        4 or 21 or 22 => DeliveryOutcome.CredentialRejected($"invalid token (code {Code})", "put a valid token into credential.token", Status),
        { } code => DeliveryOutcome.CredentialRejected($"HTTP {Status} (code {code})", "put a token that may write here into credential.token", Status),
        null => DeliveryOutcome.CredentialRejected($"HTTP {Status}", "put a token that may write here into credential.token", Status),
    };

    private string Text => Code switch
    {
        6 => "invalid data format (code 6)",
        12 => "the event field is required (code 12)",
        13 => "the event field is blank (code 13)",
        _ => "an indexed field cannot be handled (code 15)",
    };

    private static long? Number(JsonElement root, string name) =>
        root.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long number) ? number : null;
}
