using System.Text.Json.Nodes;
using Muniment.Delivery.Outcomes;
using Muniment.Delivery.Tests.Kinds.KafkaRest;

namespace Muniment.Delivery.Tests.Faults;

public sealed class KafkaRestFaults
{
    public static TheoryData<Fault> Cases => FaultTable.CasesOf(new KafkaRestAdapter());

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Survives(Fault fault) => FaultTable.RunAsync(new KafkaRestAdapter(), fault);

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Version_3_survives(Fault fault) => FaultTable.RunAsync(new KafkaVersion3Adapter(), fault);
}

internal sealed class KafkaRestAdapter() : StrictFaults(new StrictKafkaRest())
{
    public override string Kind => "kafka_rest";

    /// <summary>The refused record is named in the answer.</summary>
    public override Expectation Expect(Fault fault) => fault == Fault.Poison ? new Expectation(OutcomeKind.Partial, null) : base.Expect(fault);

    protected override JsonObject Configure(string root, bool renewed) => new()
    {
        ["credential"] = new JsonObject { ["username"] = "user", ["password"] = renewed ? "renewed" : "first" }, ["options"] = new JsonObject { ["topic"] = "agents" },
    };

    protected override bool? IsRenewed(string? credential) => credential switch { "user:first" => false, "user:renewed" => true, _ => null };
}

internal sealed class KafkaVersion3Adapter() : StrictFaults(new StrictKafkaVersion3())
{
    public override string Kind => "kafka_rest";

    /// <summary>The refused record is named in the answer.</summary>
    public override Expectation Expect(Fault fault) => fault == Fault.Poison ? new Expectation(OutcomeKind.Partial, null) : base.Expect(fault);

    protected override JsonObject Configure(string root, bool renewed) => new()
    {
        ["endpoint"] = root + "/kafka", ["credential"] = new JsonObject { ["username"] = "user", ["password"] = renewed ? "renewed" : "first" },
        ["options"] = new JsonObject { ["topic"] = "agents", ["cluster"] = "lkc-1" },
    };

    protected override bool? IsRenewed(string? credential) => credential switch { "user:first" => false, "user:renewed" => true, _ => null };
}
