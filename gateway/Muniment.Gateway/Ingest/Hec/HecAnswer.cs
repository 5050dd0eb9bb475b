using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Muniment.Gateway.Hosting;

namespace Muniment.Gateway.Ingest.Hec;

/// <summary>An answer of the HTTP Event Collector: Splunk's code, text and status, which its clients decide by.</summary>
/// <param name="StatusCode">HTTP status.</param>
/// <param name="Code">Splunk's code.</param>
/// <param name="Text">Splunk's text; ours after a colon where it helps.</param>
/// <param name="InvalidEvent">Zero-based number of the event at fault, or -1.</param>
/// <param name="AckId">Id to ask <c>/ack</c> with, or -1.</param>
internal sealed record HecAnswer(int StatusCode, int Code, string Text, int InvalidEvent = -1, long AckId = -1)
{
    public static HecAnswer Success { get; } = new(200, 0, "Success");
    public static HecAnswer Healthy { get; } = new(200, 17, "HEC is healthy");
    public static HecAnswer TokenRequired { get; } = new(401, 2, "Token is required");
    public static HecAnswer InvalidAuthorization { get; } = new(401, 3, "Invalid authorization");
    public static HecAnswer InvalidToken { get; } = new(403, 4, "Invalid token");
    public static HecAnswer NoData { get; } = new(400, 5, "No data");
    public static HecAnswer ChannelMissing { get; } = new(400, 10, "Data channel is missing");
    public static HecAnswer InvalidChannel { get; } = new(400, 11, "Invalid data channel");

    public static HecAnswer InvalidFormat(int index, string why) => new(400, 6, "Invalid data format: " + why, index);

    public static HecAnswer EventRequired(int index) => new(400, 12, "Event field is required", index);

    public static HecAnswer EventBlank(int index) => new(400, 13, "Event field cannot be blank", index);

    public static HecAnswer IndexedFields(int index) => new(400, 15, "Error in handling indexed fields", index);

    /// <summary>The answer that a client of Splunk understands best. Over capacity is Splunk's "busy" but with the contract's 429.</summary>
    public static HecAnswer For(Refusal refusal) => refusal.Kind switch
    {
        RefusalKind.Unauthenticated when refusal.Field is "missing" => TokenRequired,
        RefusalKind.Unauthenticated when refusal.Field is "scheme" => InvalidAuthorization,
        RefusalKind.Unauthenticated => InvalidToken,
        RefusalKind.Forbidden => new(403, 4, "Invalid token: " + refusal.Detail),
        RefusalKind.OverCapacity or RefusalKind.Unavailable => new(refusal.StatusCode, 9, "Server is busy: " + refusal.Detail),
        RefusalKind.Internal => new(500, 8, "Internal server error"),
        RefusalKind.Malformed => new(400, 6, "Invalid data format: " + refusal.Detail),
        _ => new(refusal.StatusCode, 6, refusal.Detail),
    };

    public static async Task WriteAsync(HttpContext context, HecAnswer answer)
    {
        using var stream = new MemoryStream(128);
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteString("text"u8, answer.Text);
            json.WriteNumber("code"u8, answer.Code);
            if (answer.InvalidEvent >= 0)
            {
                json.WriteNumber("invalid-event-number"u8, answer.InvalidEvent);
            }

            if (answer.AckId >= 0)
            {
                json.WriteNumber("ackId"u8, answer.AckId);
            }

            json.WriteEndObject();
        }

        await RefusalWriter.SendAsync(context, answer.StatusCode, MediaTypes.Json, stream.GetBuffer().AsMemory(0, (int)stream.Length));
    }
}
