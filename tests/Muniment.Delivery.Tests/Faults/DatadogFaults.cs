using System.Text.Json.Nodes;
using Muniment.Delivery.Tests.Kinds.Datadog;

namespace Muniment.Delivery.Tests.Faults;

public sealed class DatadogFaults
{
    public static TheoryData<Fault> Cases => FaultTable.CasesOf(new DatadogAdapter());

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Survives(Fault fault) => FaultTable.RunAsync(new DatadogAdapter(), fault);
}

internal sealed class DatadogAdapter() : StrictFaults(new StrictDatadog())
{
    public override string Kind => "datadog";

    public override IReadOnlyDictionary<Fault, string> NotApplicable { get; } = new Dictionary<Fault, string> { [Fault.Partial] = "Datadog takes a request or does not (facts 1.4: no partial info)" };

    protected override JsonObject Configure(string root, bool renewed) => new() { ["credential"] = new JsonObject { ["api_key"] = renewed ? "renewed" : "first" } };

    protected override bool? IsRenewed(string? credential) => credential switch { "first" => false, "renewed" => true, _ => null };
}
