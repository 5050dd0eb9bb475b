using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Muniment.Delivery.Tests.Fakes;
using Muniment.Delivery.Tests.Kinds;
using Muniment.Delivery.Tests.Kinds.OtlpGrpc;

namespace Muniment.Delivery.Tests.Faults;

public sealed class OtlpGrpcFaults
{
    public static TheoryData<Fault> Cases => FaultTable.CasesOf(new OtlpGrpcAdapter());

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Survives(Fault fault) => FaultTable.RunAsync(new OtlpGrpcAdapter(), fault);

    [Theory] // several calls over one HTTP/2 connection
    [InlineData(Fault.Reset)]
    [InlineData(Fault.ResetAfterTaken)]
    [InlineData(Fault.FlipFlop)]
    [InlineData(Fault.TooLarge)]
    public Task Survives_with_several_calls_at_once(Fault fault) => FaultTable.RunAsync(new OtlpGrpcAdapter(), fault, relaxed: true);
}

internal sealed class OtlpGrpcAdapter : HttpFaultAdapter
{
    public override string Kind => "otlp_grpc";

    protected override HttpProtocols Protocols => HttpProtocols.Http2;

    public override JsonObject Configuration(string root, bool renewed) => new()
    {
        ["kind"] = Kind, ["endpoint"] = root, ["credential"] = new JsonObject { ["headers"] = new JsonObject { ["authorization"] = renewed ? "Bearer renewed" : "Bearer first" } },
    };

    /// <summary>Seconds by RetryInfo, dates by a proxy before the receiver.</summary>
    protected override Task ThrottleAsync(HttpContext context, string retryAfter) => int.TryParse(retryAfter, CultureInfo.InvariantCulture, out int seconds)
        ? StrictOtlpGrpc.AnswerAsync(context, 8, "slow", details: StrictOtlpGrpc.RetryInfo(seconds))
        : base.ThrottleAsync(context, retryAfter);

    protected override Task FailAsync(HttpContext context) => StrictOtlpGrpc.AnswerAsync(context, 13, "internal");

    protected override Task TooLargeAsync(HttpContext context) => StrictOtlpGrpc.AnswerAsync(context, 8, "message larger than max");

    protected override async Task AnswerAsync(HttpContext context, byte[] body)
    {
        bool? renewed = context.Request.Headers.Authorization.ToString() switch { "Bearer first" => false, "Bearer renewed" => true, _ => null };
        if (!Accepts(renewed))
        {
            await StrictOtlpGrpc.AnswerAsync(context, 16, "who are you");
            return;
        }

        (IReadOnlyList<byte[]> records, int code, string why) = StrictOtlpGrpc.Read(
            new WireRequest(context.Request.Method, context.Request.Path.Value!, "", context.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase), body));
        if (code != 0)
        {
            Wrong.Enqueue(why);
            await StrictOtlpGrpc.AnswerAsync(context, code, why);
            return;
        }

        string[] keys = [.. records.Select(r => "e" + StrictOtlpGrpc.Marked(new PlainProto(r), "logs")["muniment.seq"])];
        if (keys.Any(Poison.ContainsKey))
        {
            await StrictOtlpGrpc.AnswerAsync(context, 3, "bad record");
            return;
        }

        bool partial = records.Count > 1 && TakePartial();
        for (int i = 0; i < records.Count - (partial ? 1 : 0); i++)
        {
            Take(keys[i], records[i]);
        }

        if (partial)
        {
            RefusedUnnamed[keys[^1]] = 0;
        }

        await StrictOtlpGrpc.AnswerAsync(context, 0, body: partial ? [0x0a, 0x06, 0x08, 0x01, 0x12, 0x02, (byte)'n', (byte)'o'] : []);
    }
}
