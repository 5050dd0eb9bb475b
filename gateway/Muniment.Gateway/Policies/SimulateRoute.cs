using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Muniment.Events;
using Muniment.Gateway.Access;
using Muniment.Gateway.Administration;
using Muniment.Gateway.Query;
using Muniment.Gateway.Query.Filters;
using Muniment.Gateway.Query.Scanning;
using Muniment.Messages.Tenants;
using Muniment.Policy.Documents;
using Muniment.Policy.Evaluation;
using Muniment.Policy.Simulation;

namespace Muniment.Gateway.Policies;

/// <summary>
/// <c>POST /api/v1/policies/simulate</c>: what recorded decisions would have been if a document, or an earlier version, were in force beside the other policies. Within the limits of a scan; an answer that a limit
/// ended says <c>"complete":false</c>.
/// </summary>
internal sealed class SimulateRoute(IDecidingStore store, EventScanner scanner, ScanGate gate, TimeProvider time)
{
    private const string PolicyExpected = "a policy document (an object, or a text in YAML or JSON), or a text name@version";

    public void Map(IEndpointRouteBuilder routes) => routes.MapPost("/api/v1/policies/simulate", (Delegate)SimulateAsync).Requires(Permission.ReadConfiguration);

    private async Task<IResult> SimulateAsync(HttpContext context)
    {
        (JsonFields? body, IResult? fault) = await JsonFields.ReadAsync(context);
        if (body is null)
        {
            return fault!;
        }

        using (body)
        {
            Caller caller = context.Caller();
            JsonElement policy = body.Any("policy");
            string? name = body.Text("name", 63);
            long since = Time(body, "since", long.MinValue), until = Time(body, "until", long.MaxValue);
            if (policy.ValueKind is not (JsonValueKind.Object or JsonValueKind.String))
            {
                body.Fail("policy", PolicyExpected, 0);
            }

            if (body.Finish() is { } wrong)
            {
                return wrong;
            }

            (PublishedPolicy? candidate, IResult? refused) = await CandidateAsync(caller.Tenant, policy, name);
            if (candidate is null)
            {
                return refused!;
            }

            using IDisposable? slot = gate.TryScan(caller.Tenant);
            if (slot is null)
            {
                return Problem.Status(StatusCodes.Status429TooManyRequests, "Over capacity", ScanGate.Full("scans", QueryLimits.MaxScansPerTenant).Detail);
            }

            DecidingMessage snapshot = await store.DecidingAsync(caller.Tenant, -1);
            PolicySet set = PolicySet.Build(snapshot.Policies.Where(head => head.Name != candidate.Name).Select(DecidingView.Read).Append(candidate));
            var simulation = new PolicySimulation(set, candidate.Name, since == long.MinValue ? 0 : since);
            EventFilter filter = Collector.Only(FilterName.Find("stream")!, ["decision"], caller) with { SinceNs = since, UntilNs = until };
            bool complete = await new Collector(scanner, time).WalkAsync(caller, filter, simulation.Add, context.RequestAborted);
            SimulationResult result = simulation.Result();
            return JsonAnswer.Ok(json => Write(json, result, complete));
        }
    }

    private async Task<(PublishedPolicy? Candidate, IResult? Refused)> CandidateAsync(TenantId tenant, JsonElement policy, string? name)
    {
        string text = policy.ValueKind is JsonValueKind.String ? policy.GetString()! : policy.GetRawText();
        int at = text.LastIndexOf('@');
        if (policy.ValueKind is JsonValueKind.String && at > 0 && !text.AsSpan().ContainsAny('\n', ':', '{')
            && long.TryParse(text.AsSpan(at + 1), NumberStyles.None, CultureInfo.InvariantCulture, out long version))
        {
            return version > 0 && await store.FindPolicyAsync(tenant, text[..at], version) is { } stored
                ? (DecidingView.Read(stored), null)
                : (null, Problem.NotFound($"there is no {text}"));
        }

        ParsedPolicy parsed = PolicyParser.Parse(text, PolicyCheck.Options);
        return parsed.Document is { } document ? (new PublishedPolicy(name ?? "candidate", 0, document), null) : (null, new PolicyProblem(parsed.Errors));
    }

    private static long Time(JsonFields body, string name, long absent)
    {
        string? text = body.Text(name, 40);
        return text is null ? absent : QueryParameters.TryTime(text, out long ns) ? ns : body.Fail(name, Timestamps.Expected, absent);
    }

    private static void Write(Utf8JsonWriter json, SimulationResult result, bool complete)
    {
        json.WriteNumber("evaluated"u8, result.Evaluated);
        json.WriteNumber("changed"u8, result.Changed);
        json.WriteStartObject("undecidable"u8);
        json.WriteNumber("count"u8, result.Undecidable);
        json.WriteStartObject("by_rule"u8);
        foreach ((string rule, long count) in result.UndecidableByRule)
        {
            json.WriteNumber(rule, count);
        }

        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteStartArray("transitions"u8);
        foreach (SimulationTransition transition in result.Transitions)
        {
            json.WriteStartObject();
            json.WriteString("from"u8, transition.From);
            json.WriteString("to"u8, transition.To);
            json.WriteNumber("count"u8, transition.Count);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("examples"u8);
        foreach (SimulationExample example in result.Examples)
        {
            json.WriteStartObject();
            json.WriteNumber("seq"u8, example.Seq);
            json.WriteString("from"u8, example.From);
            json.WriteString("to"u8, example.To);
            json.WriteString("rule"u8, example.Rule);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteBoolean("complete"u8, complete);
    }
}
