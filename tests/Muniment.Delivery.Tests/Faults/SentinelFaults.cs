using System.Text.Json.Nodes;
using Muniment.Delivery.Tests.Kinds.Sentinel;

namespace Muniment.Delivery.Tests.Faults;

public sealed class SentinelFaults
{
    public static TheoryData<Fault> Cases => FaultTable.CasesOf(new SentinelAdapter());

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Survives(Fault fault) => FaultTable.RunAsync(new SentinelAdapter(), fault);
}

internal sealed class SentinelAdapter() : StrictFaults(new StrictSentinel { LifeSeconds = FaultTable.TokenLifeSeconds })
{
    public override string Kind => "sentinel";

    public override IReadOnlyDictionary<Fault, string> NotApplicable { get; } = new Dictionary<Fault, string> { [Fault.Partial] = "the API takes a call or does not (facts 1.6: no partial answer)" };

    protected override JsonObject Configure(string root, bool renewed) => new()
    {
        ["credential"] = new JsonObject { ["tenant_id"] = "tenant-1", ["client_id"] = "client-1", ["client_secret"] = renewed ? "renewed" : "first" },
        ["options"] = new JsonObject { ["dcr"] = "dcr-0123", ["authority"] = root },
    };

    protected override bool? IsRenewed(string? credential) => credential switch { "first" => false, "renewed" => true, _ => null };
}
