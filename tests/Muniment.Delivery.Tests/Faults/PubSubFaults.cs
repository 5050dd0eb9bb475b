using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Muniment.Delivery.Tests.Kinds.PubSub;

namespace Muniment.Delivery.Tests.Faults;

public sealed class PubSubFaults
{
    public static TheoryData<Fault> Cases => FaultTable.CasesOf(new PubSubAdapter());

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Survives(Fault fault) => FaultTable.RunAsync(new PubSubAdapter(), fault);
}

internal sealed class PubSubAdapter() : StrictFaults(new StrictPubSub())
{
    public override string Kind => "pubsub";

    public override IReadOnlyDictionary<Fault, string> NotApplicable { get; } = new Dictionary<Fault, string> { [Fault.Partial] = "a publish is taken or not (facts 1.17: all or nothing)" };

    protected override JsonObject Configure(string root, bool renewed) => new()
    {
        ["credential"] = new JsonObject { ["service_account"] = JsonNode.Parse(StrictPubSub.Account(root, renewed)) }, ["options"] = new JsonObject { ["project"] = "p-1", ["topic"] = "agents" },
    };

    protected override bool? IsRenewed(string? credential) => credential switch { "k1" => false, "k2" => true, _ => null };

    protected override Task TooLargeAsync(HttpContext context) => StatusAsync(context, 413);
}
