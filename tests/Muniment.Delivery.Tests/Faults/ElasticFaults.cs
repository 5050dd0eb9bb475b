using System.Text.Json.Nodes;
using Muniment.Delivery.Outcomes;
using Muniment.Delivery.Tests.Kinds.Elastic;

namespace Muniment.Delivery.Tests.Faults;

public sealed class ElasticFaults
{
    public static TheoryData<Fault> Cases => FaultTable.CasesOf(new ElasticAdapter());

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Survives(Fault fault) => FaultTable.RunAsync(new ElasticAdapter(), fault);
}

internal sealed class ElasticAdapter() : StrictFaults(new StrictElastic())
{
    public override string Kind => "elastic";

    /// <summary>Every document has its own answer, so poison needs no search.</summary>
    public override Expectation Expect(Fault fault) => fault == Fault.Poison ? new Expectation(OutcomeKind.Partial, null) : base.Expect(fault);

    protected override JsonObject Configure(string root, bool renewed) => new() { ["credential"] = new JsonObject { ["api_key"] = renewed ? "renewed" : "first" } };

    protected override bool? IsRenewed(string? credential) => credential switch { "ApiKey first" => false, "ApiKey renewed" => true, _ => null };
}
