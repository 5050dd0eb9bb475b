using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Muniment.Delivery.Tests.Faults;

public sealed class SplunkHecFaults
{
    public static TheoryData<Fault> Cases => FaultTable.CasesOf(new SplunkHecAdapter());

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Survives(Fault fault) => FaultTable.RunAsync(new SplunkHecAdapter(), fault);

    [Theory]
    [InlineData(Fault.ResetAfterTaken)]
    [InlineData(Fault.ServerErrors)]
    [InlineData(Fault.RetryAfterSeconds)]
    [InlineData(Fault.TooLarge)]
    [InlineData(Fault.CredentialReplaced)]
    [InlineData(Fault.Poison)]
    [InlineData(Fault.FlipFlop)]
    public Task Survives_with_several_requests_at_once(Fault fault) => FaultTable.RunAsync(new SplunkHecAdapter(), fault, relaxed: true);
}

/// <summary>A collector by the table of facts 1.3: concatenated envelopes, flat fields, the position of a bad event counted from zero.</summary>
internal sealed class SplunkHecAdapter : HttpFaultAdapter
{
    private static readonly string[] Members = ["time", "host", "source", "sourcetype", "index", "event", "fields"];

    public override string Kind => "splunk_hec";

    public override IReadOnlyDictionary<Fault, string> NotApplicable { get; } = new Dictionary<Fault, string>
    {
        [Fault.Partial] = "a collector takes all of a request or names the first bad event (code 6), which is Poison",
    };

    public override JsonObject Configuration(string root, bool renewed) =>
        new() { ["kind"] = Kind, ["endpoint"] = root, ["credential"] = new JsonObject { ["token"] = renewed ? "renewed" : "first" } };

    protected override Task AnswerAsync(HttpContext context, byte[] body)
    {
        if (context.Request.Path != "/services/collector/event")
        {
            return StatusAsync(context, 404, """{"text":"The requested URL was not found on this server.","code":404}""");
        }

        bool? renewed = context.Request.Headers.Authorization.ToString() switch { "Splunk first" => false, "Splunk renewed" => true, _ => null };
        if (!Accepts(renewed))
        {
            return StatusAsync(context, 403, """{"text":"Invalid token","code":4}""");
        }

        List<(string Key, string Text)> events = [];
        Utf8JsonReader reader = new(body, new JsonReaderOptions { AllowMultipleValues = true });
        while (reader.Read())
        {
            JsonElement envelope = JsonElement.ParseValue(ref reader);
            foreach (JsonProperty member in envelope.EnumerateObject())
            {
                if (!Members.Contains(member.Name))
                {
                    Wrong.Enqueue("unknown member " + member.Name);
                }
            }

            JsonElement fields = envelope.GetProperty("fields");
            if (fields.EnumerateObject().Any(f => f.Value.ValueKind == JsonValueKind.Object))
            {
                Wrong.Enqueue("fields must be flat (code 15)");
            }

            events.Add((fields.GetProperty("event_id").GetString()!, envelope.GetRawText()));
        }

        int bad = events.FindIndex(e => Poison.ContainsKey(e.Key));
        if (events.Count == 0 || bad >= 0)
        {
            return StatusAsync(context, 400, events.Count == 0 ? """{"text":"No data","code":5}""" : $$"""{"text":"Invalid data format","code":6,"invalid-event-number":{{bad}}}""");
        }

        foreach ((string key, string text) in events)
        {
            Take(key, Encoding.UTF8.GetBytes(text));
        }

        return StatusAsync(context, 200, """{"text":"Success","code":0}""");
    }
}
