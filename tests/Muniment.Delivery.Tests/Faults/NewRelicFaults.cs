using System.Text.Json.Nodes;
using Muniment.Delivery.Tests.Kinds.NewRelic;

namespace Muniment.Delivery.Tests.Faults;

public sealed class NewRelicFaults
{
    public static TheoryData<Fault> Cases => FaultTable.CasesOf(new NewRelicAdapter());

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Survives(Fault fault) => FaultTable.RunAsync(new NewRelicAdapter(), fault);
}

internal sealed class NewRelicAdapter() : StrictFaults(new StrictNewRelic())
{
    public override string Kind => "newrelic";

    public override IReadOnlyDictionary<Fault, string> NotApplicable { get; } = new Dictionary<Fault, string> { [Fault.Partial] = "New Relic validates after its answer (facts 1.11)" };

    protected override JsonObject Configure(string root, bool renewed) => new() { ["credential"] = new JsonObject { ["license_key"] = renewed ? "renewed" : "first" } };

    protected override bool? IsRenewed(string? credential) => credential switch { "first" => false, "renewed" => true, _ => null };
}
