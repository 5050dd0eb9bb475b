using System.Text.Json.Nodes;
using Muniment.Delivery.Tests.Kinds.EventHubs;

namespace Muniment.Delivery.Tests.Faults;

public sealed class EventHubsFaults
{
    public static TheoryData<Fault> Cases => FaultTable.CasesOf(new EventHubsAdapter());

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Survives(Fault fault) => FaultTable.RunAsync(new EventHubsAdapter(), fault);
}

internal sealed class EventHubsAdapter() : StrictFaults(new StrictEventHubs())
{
    public override string Kind => "event_hubs";

    public override IReadOnlyDictionary<Fault, string> NotApplicable { get; } = new Dictionary<Fault, string> { [Fault.Partial] = "a hub takes a batch or does not" };

    protected override JsonObject Configure(string root, bool renewed) => new()
    {
        ["credential"] = new JsonObject { ["key_name"] = renewed ? "renewed" : "send", ["key"] = renewed ? "renewed+key/=" : "first+key/=" },
        ["options"] = new JsonObject { ["hub"] = "agents" },
    };

    protected override bool? IsRenewed(string? credential) => credential switch { "send" => false, "renewed" => true, _ => null };
}
