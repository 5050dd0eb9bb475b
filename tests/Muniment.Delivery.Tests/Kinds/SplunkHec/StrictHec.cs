using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Muniment.Delivery.Tests.Kinds.SplunkHec;

/// <summary>A collector by docs/siem/splunk.md, read with JsonNode: Splunk's own codes, the position of a bad event counted from zero (from one with code 7).</summary>
internal sealed class StrictHec : StrictServer
{
    private const int MaxBodyBytes = 1_000_000;
    private static readonly string[] Members = ["time", "host", "source", "sourcetype", "index", "event", "fields"];

    public string Token { get; set; } = "t";

    /// <summary>Indexes that the token may write to; null for all.</summary>
    public string[]? Indexes { get; set; }

    /// <summary>Whether the token has indexer acknowledgement.</summary>
    public bool Ack { get; set; }

    /// <summary>Token of a user who may search.</summary>
    public string SearchToken { get; set; } = "eyJ";

    public override bool IsDelivery(WireRequest request) => request.Path != "/services/search/jobs/export";

    protected override WireAnswer Take(WireRequest request)
    {
        if (!IsDelivery(request))
        {
            return Search(request);
        }

        Must(request.Method == "POST" && request.Path is "/services/collector/event" or "/services/collector" or "/services/collector/event/1.0", 404, "1.3: POST /services/collector/event", Text(404, "The requested URL was not found on this server."));
        string? authorization = request.Header("Authorization");
        Must(authorization is not null, 401, "1.3: a token is required (code 2)", Text(2, "Token is required"));
        Must(authorization!.StartsWith("Splunk ", StringComparison.Ordinal), 401, "1.3: Authorization: Splunk TOKEN (code 3)", Text(3, "Invalid authorization"));
        Must(Knows(authorization[7..], Token), 403, "1.3: invalid token (code 4)", Text(4, "Invalid token"));
        string? channel = request.Header("X-Splunk-Request-Channel");
        Must(!Ack || channel is not null, 400, "1.3: data channel is missing (code 10)", Text(10, "Data channel is missing"));
        Must(channel is null || Guid.TryParseExact(channel, "D", out _), 400, "1.3: invalid data channel (code 11)", Text(11, "Invalid data channel"));
        Must(request.Header("Content-Encoding") is null or "gzip", 415, "1.3: gzip or nothing");
        byte[] body = request.Inflated();
        Must(body.Length <= MaxBodyBytes, 413, "1.3: about 1 MB a request");
        Must(body.AsSpan().ContainsAnyExcept(" \r\n"u8), 400, "1.3: no data (code 5)", Text(5, "No data"));
        Must(body.AsSpan().TrimStart(" \r\n"u8)[0] != (byte)'[', 400, "1.3: objects one after another, not an array (code 6)", Text(6, "Invalid data format", 0));
        List<(string Id, string Json)> events = [];
        Utf8(body);
        Utf8JsonReader reader = new(body, new JsonReaderOptions { AllowMultipleValues = true }); // whitespace between objects is optional
        while (Next(ref reader, body, events.Count) is { } envelope)
        {
            Check(envelope, events.Count);
            events.Add((envelope["fields"]!["event_id"]!.GetValue<string>(), envelope.ToJsonString()));
        }

        int bad = events.FindIndex(e => Poison.ContainsKey(e.Id));
        Must(bad < 0, 400, "", Text(6, "Invalid data format", bad));
        foreach ((string id, string json) in events)
        {
            Keep(id, json);
        }

        return new WireAnswer(200, Ack ? """{"text":"Success","code":0,"ackId":0}""" : Text(0, "Success"));
    }

    /// <summary>The export of a search: a line for each event, and a last one.</summary>
    private WireAnswer Search(WireRequest request)
    {
        Must(request.Method == "POST" && request.Header("Content-Type") == "application/x-www-form-urlencoded", 400, "1.3: POST of a form to /services/search/jobs/export");
        Must(request.Header("Authorization") == "Bearer " + SearchToken, 401, "1.3: the search needs a search user, not the HEC token");
        System.Collections.Specialized.NameValueCollection form = System.Web.HttpUtility.ParseQueryString(request.Text);
        Must(form["output_mode"] == "json", 400, "1.3: output_mode=json");
        System.Text.RegularExpressions.Match match = System.Text.RegularExpressions.Regex.Match(form["search"]!, "^search index=(\\S+) \"event_id\"=(\\S+) \\| head 1$");
        Must(match.Success, 400, "1.3: search index=<i> \"event_id\"=<id>");
        bool found = Taken.Any(t => t.Id == match.Groups[2].Value && (match.Groups[1].Value == "*" || JsonNode.Parse(t.Json)!["index"]?.GetValue<string>() == match.Groups[1].Value));
        return new WireAnswer(200, (found ? "{\"preview\":false,\"offset\":0,\"lastrow\":true,\"result\":{\"event_id\":\"x\"}}\n" : "{\"preview\":false,\"lastrow\":true}\n"));
    }

    private static void Utf8(byte[] body)
    {
        try
        {
            new UTF8Encoding(false, true).GetCharCount(body);
        }
        catch (ArgumentException)
        {
            throw new Refused(new WireAnswer(400, Text(6, "Invalid data format", 0)), "1.3: UTF-8 (code 6)");
        }
    }

    private static JsonObject? Next(ref Utf8JsonReader reader, byte[] body, int index)
    {
        try
        {
            if (!reader.Read())
            {
                return null;
            }

            Must(reader.TokenType == JsonTokenType.StartObject, 400, "1.3: an object for each event (code 6)", Text(6, "Invalid data format", index));
            int start = (int)reader.TokenStartIndex;
            reader.Skip();
            return JsonNode.Parse(body.AsSpan(start..(int)reader.BytesConsumed), null, new JsonDocumentOptions { AllowDuplicateProperties = false })!.AsObject();
        }
        catch (JsonException)
        {
            throw new Refused(new WireAnswer(400, Text(6, "Invalid data format", index)), "1.3: well-formed JSON, no name twice (code 6)");
        }
    }

    private void Check(JsonObject envelope, int index)
    {
        foreach ((string name, JsonNode? value) in envelope)
        {
            Must(Members.Contains(name), 400, $"1.3: '{name}' is no member of an envelope", Text(6, "Invalid data format", index));
            Must(name is not ("host" or "source" or "sourcetype" or "index") || value is JsonValue text && text.TryGetValue(out string? _), 400, "1.3: host, source, sourcetype and index are texts (code 6)", Text(6, "Invalid data format", index));
        }

        Must(envelope.ContainsKey("event"), 400, "1.3: event field is required (code 12)", Text(12, "Event field is required", index));
        Must(envelope["event"] is JsonObject { Count: > 0 } || (envelope["event"] is JsonValue said && said.ToString().Length > 0), 400, "1.3: event field cannot be blank (code 13)", Text(13, "Event field cannot be blank", index));
        Must(envelope["time"] is JsonValue time && time.TryGetValue(out decimal seconds) && seconds is >= 0 and < 100_000_000_000m, 400, "1.3: time is epoch seconds with decimals", Text(6, "Invalid data format", index));
        Must(envelope["fields"] is JsonObject fields && fields.All(f => f.Value is JsonValue || (f.Value is JsonArray list && list.All(v => v is JsonValue))), 400, "1.3: fields are flat (code 15)", Text(15, "Error in handling indexed fields", index));
        Must(envelope["fields"]!["event_id"] is JsonValue, 400, "1.3: our own dedup handle fields.event_id");
        Must(Indexes is null || (envelope["index"] is JsonValue name2 && Indexes.Contains(name2.ToString())), 400, "1.3: incorrect index (code 7)", Text(7, "Incorrect index", index + 1));
    }

    private static string Text(int code, string text, int? number = null) =>
        string.Create(CultureInfo.InvariantCulture, $"{{\"text\":\"{text}\",\"code\":{code}{(number is null ? "" : $",\"invalid-event-number\":{number}")}}}");
}
