using System.Globalization;
using System.Text.Json.Nodes;
using Muniment.Delivery.Tests.Fakes;
using Muniment.Delivery.Tests.Kinds.PrometheusWrite;

namespace Muniment.Delivery.Tests.Faults;

public sealed class PrometheusFaults
{
    public static TheoryData<Fault> Cases => FaultTable.CasesOf(new PrometheusAdapter());

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Survives(Fault fault) => FaultTable.RunAsync(new PrometheusAdapter(), fault);
}

internal sealed class PrometheusAdapter() : StrictFaults(new StrictPrometheus())
{
    public override string Kind => "prometheus_rw";

    public override IReadOnlyDictionary<Fault, string> NotApplicable { get; } = new Dictionary<Fault, string> { [Fault.Partial] = "a receiver takes a request or refuses it whole (facts 1.10)" };

    public override void Fill(FakeSource source, int count)
    {
        for (int i = 0; i < count; i++)
        {
            source.Add(MetricBuilder.Stored(MetricBuilder.Sum("x_" + Noise(200, (int)source.Size), 1, KeyOf(source.Size))));
        }
    }

    public override void FillLarge(FakeSource source) => source.Add(MetricBuilder.Stored(MetricBuilder.Sum("large_" + Noise(20_000, 5), 1, KeyOf(source.Size))));

    public override string KeyOf(long seq) => "m" + seq.ToString(CultureInfo.InvariantCulture);

    protected override JsonObject Configure(string root, bool renewed) =>
        new() { ["endpoint"] = root + "/api/v1/write", ["credential"] = new JsonObject { ["bearer"] = renewed ? "renewed" : "first" } };

    protected override bool? IsRenewed(string? credential) => credential switch { "Bearer first" => false, "Bearer renewed" => true, _ => null };

    /// <summary>Text that does not compress much, because limits on size are about compressed bytes here.</summary>
    private static string Noise(int length, int seed)
    {
        Random random = new(seed);
        return string.Concat(Enumerable.Range(0, length).Select(_ => (char)('a' + random.Next(26))));
    }
}
