using System.Text.Json.Nodes;
using Muniment.Delivery.Tests.Kinds.OtlpHttp;

namespace Muniment.Delivery.Tests.Faults;

public sealed class OtlpHttpFaults
{
    public static TheoryData<Fault> Cases => FaultTable.CasesOf(new OtlpHttpAdapter());

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Survives(Fault fault) => FaultTable.RunAsync(new OtlpHttpAdapter(), fault);
}

/// <summary>The receiver of facts 1.2: a request is refused whole (400), or partial success says how many records were refused and not which.</summary>
internal sealed class OtlpHttpAdapter : StrictFaults
{
    public OtlpHttpAdapter()
        : this(new StrictOtlpHttp())
    {
    }

    private OtlpHttpAdapter(StrictOtlpHttp server)
        : base(server) => server.RefusedUnnamed = key => RefusedUnnamed[key] = 0;

    public override string Kind => "otlp_http";

    protected override JsonObject Configure(string root, bool renewed) =>
        new() { ["credential"] = new JsonObject { ["headers"] = new JsonObject { ["authorization"] = renewed ? "Bearer renewed" : "Bearer first" } } };

    protected override bool? IsRenewed(string? credential) => credential switch { "Bearer first" => false, "Bearer renewed" => true, _ => null };
}
