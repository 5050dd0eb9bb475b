using System.Text.Json.Nodes;
using Muniment.Delivery.Tests.Kinds.Webhook;

namespace Muniment.Delivery.Tests.Faults;

public sealed class WebhookFaults
{
    public static TheoryData<Fault> Cases => FaultTable.CasesOf(new WebhookAdapter());

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Survives(Fault fault) => FaultTable.RunAsync(new WebhookAdapter(), fault);
}

/// <remarks>The tolerance is a minute of real time. An exchange that hangs takes the clock further, so that a retry with the time of the first attempt would be seen.</remarks>
internal sealed class WebhookAdapter() : StrictFaults(new StrictReceiver { Secret = First, Others = [Renewed], Tolerance = FaultTable.SendLimit / 2 })
{
    private const string First = "whsec_Zmlyc3QtZmlyc3QtZmlyc3QtZmlyc3Qt";
    private const string Renewed = "whsec_cmVuZXdlZC1yZW5ld2VkLXJlbmV3ZWQt";

    public override string Kind => "webhook";

    public override IReadOnlyDictionary<Fault, string> NotApplicable { get; } = new Dictionary<Fault, string> { [Fault.Partial] = "a receiver takes a message or does not" };

    protected override JsonObject Configure(string root, bool renewed) => new() { ["credential"] = new JsonObject { ["secret"] = renewed ? Renewed : First } };

    protected override bool? IsRenewed(string? credential) => credential switch { First => false, Renewed => true, _ => null };
}
