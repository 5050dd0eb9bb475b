using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Muniment.Delivery.Tests.Kinds.S3;

namespace Muniment.Delivery.Tests.Faults;

public sealed class S3Faults
{
    public static TheoryData<Fault> Cases => FaultTable.CasesOf(new S3Adapter());

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Survives(Fault fault) => FaultTable.RunAsync(new S3Adapter(), fault);
}

internal sealed class S3Adapter() : StrictFaults(new StrictS3 { IsInflated = true })
{
    private const string Opaque = "a bucket does not look into objects";

    public override string Kind => "s3";

    public override IReadOnlyDictionary<Fault, string> NotApplicable { get; } = new Dictionary<Fault, string> { [Fault.Partial] = Opaque, [Fault.Poison] = Opaque };

    protected override JsonObject Configure(string root, bool renewed) => new()
    {
        ["credential"] = new JsonObject { ["access_key_id"] = renewed ? "AKIDRENEWED" : "AKIDFIRST", ["secret_access_key"] = renewed ? "renewed-secret" : "first-secret" },
        ["options"] = new JsonObject { ["bucket"] = "audit-log", ["region"] = "eu-west-1" }, ["batch"] = new JsonObject { ["max_events"] = 10, ["max_age_ms"] = 100 },
    };

    protected override bool? IsRenewed(string? credential) => credential switch { "AKIDFIRST" => false, "AKIDRENEWED" => true, _ => null };

    protected override Task TooLargeAsync(HttpContext context) => StatusAsync(context, 400, StrictS3.Error("EntityTooLarge"), "application/xml");
}
