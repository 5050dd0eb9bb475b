using System.Text.Json.Nodes;
using Muniment.Delivery.Tests.Kinds.SplunkHec;

namespace Muniment.Delivery.Tests.Faults;

public sealed class SplunkHecFaults
{
    public static TheoryData<Fault> Cases => FaultTable.CasesOf(new SplunkHecAdapter());

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Survives(Fault fault) => FaultTable.RunAsync(new SplunkHecAdapter(), fault);

    [Theory]
    [InlineData(Fault.ResetAfterTaken)]
    [InlineData(Fault.ServerErrors)]
    [InlineData(Fault.RetryAfterSeconds)]
    [InlineData(Fault.TooLarge)]
    [InlineData(Fault.CredentialReplaced)]
    [InlineData(Fault.Poison)]
    [InlineData(Fault.FlipFlop)]
    public Task Survives_with_several_requests_at_once(Fault fault) => FaultTable.RunAsync(new SplunkHecAdapter(), fault, relaxed: true);
}

/// <summary>The collector of facts 1.3.</summary>
internal sealed class SplunkHecAdapter() : StrictFaults(new StrictHec())
{
    public override string Kind => "splunk_hec";

    public override IReadOnlyDictionary<Fault, string> NotApplicable { get; } = new Dictionary<Fault, string>
    {
        [Fault.Partial] = "a collector takes all of a request or names the first bad event (code 6), which is Poison",
    };

    protected override JsonObject Configure(string root, bool renewed) => new() { ["credential"] = new JsonObject { ["token"] = renewed ? "renewed" : "first" } };

    protected override bool? IsRenewed(string? credential) => credential switch { "first" => false, "renewed" => true, _ => null };
}
