using System.Text.Json.Nodes;
using Muniment.Delivery.Tests.Kinds.Chronicle;

namespace Muniment.Delivery.Tests.Faults;

public sealed class ChronicleFaults
{
    public static TheoryData<Fault> Cases => FaultTable.CasesOf(Adapters.Make("chronicle"));

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Survives(Fault fault) => FaultTable.RunAsync(Adapters.Make("chronicle"), fault);
}

internal sealed class ChronicleAdapter(StrictChronicle server) : StrictFaults(server)
{
    private readonly StrictChronicle _server = server;

    public override string Kind => "chronicle";

    public override IReadOnlyDictionary<Fault, string> NotApplicable { get; } = new Dictionary<Fault, string> { [Fault.Partial] = "the API takes a request or refuses it whole (facts 1.7)" };

    protected override JsonObject Configure(string root, bool renewed) => new()
    {
        ["credential"] = new JsonObject { ["service_account"] = (renewed ? _server.Renewed : _server.Account).File(root + "/token") },
        ["options"] = new JsonObject { ["project"] = "p-1", ["location"] = "eu", ["instance"] = "0f0e0d0c-0000-4000-8000-000000000001", ["log_type"] = "MUNIMENT" },
    };

    protected override bool? IsRenewed(string? credential) =>
        credential is null ? null : credential.StartsWith("muniment@", StringComparison.Ordinal) ? false : credential.StartsWith("renewed@", StringComparison.Ordinal) ? true : null;
}
