using System.Text.Json.Nodes;
using Muniment.Delivery.Outcomes;
using Muniment.Delivery.Tests.Kinds.Loki;

namespace Muniment.Delivery.Tests.Faults;

public sealed class LokiFaults
{
    public static TheoryData<Fault> Cases => FaultTable.CasesOf(new LokiAdapter());

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Survives(Fault fault) => FaultTable.RunAsync(new LokiAdapter(), fault);
}

internal sealed class LokiAdapter() : StrictFaults(new StrictLoki())
{
    public override string Kind => "loki";

    /// <summary>Loki stores the others and names the refused entry by its time.</summary>
    public override Expectation Expect(Fault fault) => fault == Fault.Poison ? new Expectation(OutcomeKind.Partial, null) : base.Expect(fault);

    protected override JsonObject Configure(string root, bool renewed) => new() { ["credential"] = new JsonObject { ["bearer"] = renewed ? "renewed" : "first" } };

    protected override bool? IsRenewed(string? credential) => credential switch { "Bearer first" => false, "Bearer renewed" => true, _ => null };
}
