using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Muniment.Delivery.Tests.Fakes;

namespace Muniment.Delivery.Tests.Faults;

public sealed class OtlpHttpFaults
{
    public static TheoryData<Fault> Cases => FaultTable.CasesOf(new OtlpHttpAdapter());

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Survives(Fault fault) => FaultTable.RunAsync(new OtlpHttpAdapter(), fault);
}

/// <summary>A receiver by facts 1.2: a request is refused whole (400), or partial success says how many records were refused and not which.</summary>
internal sealed class OtlpHttpAdapter : HttpFaultAdapter
{
    public override string Kind => "otlp_http";

    public override JsonObject Configuration(string root, bool renewed) => new()
    {
        ["kind"] = Kind, ["endpoint"] = root, ["credential"] = new JsonObject { ["headers"] = new JsonObject { ["authorization"] = renewed ? "Bearer renewed" : "Bearer first" } },
    };

    protected override async Task AnswerAsync(HttpContext context, byte[] body)
    {
        if (context.Request.Path != "/v1/logs" || context.Request.ContentType != "application/x-protobuf")
        {
            Wrong.Enqueue($"{context.Request.Path} with {context.Request.ContentType}");
        }

        bool? renewed = context.Request.Headers.Authorization.ToString() switch { "Bearer first" => false, "Bearer renewed" => true, _ => null };
        if (!Accepts(renewed))
        {
            await StatusAsync(context, 401);
            return;
        }

        byte[][] records = [.. new PlainProto(body).Messages(1).SelectMany(r => r.Messages(2)).SelectMany(s => s.Raw(2))];
        string[] keys = [.. records.Select(r => "e" + new PlainProto(r).Attributes(6)["muniment.seq"])];
        (int read, string? wrong) = OtlpOracle.Read("logs", body);
        if (wrong is not null || read != records.Length)
        {
            Wrong.Enqueue(wrong ?? $"{read} records, not {records.Length}");
        }

        if (keys.Any(Poison.ContainsKey))
        {
            await StatusAsync(context, 400, "\u0012\u0003bad", "application/x-protobuf"); // google.rpc.Status{message: "bad"}
            return;
        }

        bool partial = records.Length > 1 && TakePartial();
        for (int i = 0; i < records.Length - (partial ? 1 : 0); i++)
        {
            Take(keys[i], records[i]);
        }

        if (partial)
        {
            RefusedUnnamed[keys[^1]] = 0;
        }

        // ExportLogsServiceResponse{partial_success{rejected_log_records: 1, error_message: "no"}}
        await StatusAsync(context, 200, partial ? "\n\u0006\b\u0001\u0012\u0002no" : "", "application/x-protobuf");
    }
}
