using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Muniment.Delivery.Tests.Faults;

public sealed class FileFaults
{
    public static TheoryData<Fault> Cases => FaultTable.CasesOf(new FileAdapter());

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Survives(Fault fault) => FaultTable.RunAsync(new FileAdapter(), fault);
}

/// <summary>A file has no server: what can go wrong is that it cannot be written.</summary>
internal sealed class FileAdapter : FaultAdapter
{
    private const string NoServer = "a file has no server";

    public override string Kind => "file";

    public override IReadOnlyDictionary<Fault, string> NotApplicable { get; } =
        Enum.GetValues<Fault>().Where(f => f is not (Fault.Refuse or Fault.FlipFlop)).ToDictionary(f => f, _ => NoServer);

    public override IReadOnlyList<Arrival> Arrivals =>
    [
        .. File.ReadAllLines(Path.Combine(Folder, "events.ndjson"))
            .Select(l => new Arrival(JsonSerializer.Deserialize<JsonElement>(l).GetProperty("id").GetString()!, Convert.ToHexString(Encoding.UTF8.GetBytes(l)))),
    ];

    private string Folder => Path.Combine(ExportDirectory, "acme", "d");

    public override JsonObject Configuration(string root, bool renewed) => new() { ["kind"] = Kind, ["endpoint"] = "events.ndjson" };

    public override Expectation Expect(Fault fault) => new(Delivery.Outcomes.OutcomeKind.RetryLater, fault == Fault.Refuse ? Delivery.Outcomes.ReasonCode.DestinationError : null, fault == Fault.Refuse ? 7 : 1);

    /// <summary>Something is in the way of the folder.</summary>
    public override void Begin(Fault fault)
    {
        base.Begin(fault);
        Directory.CreateDirectory(Path.GetDirectoryName(Folder)!);
        File.WriteAllText(Folder, "in the way");
    }

    public override void Heal()
    {
        base.Heal();
        File.Delete(Folder);
    }

    public override Task ListenAsync(Func<X509Certificate2>? certificate) => Task.CompletedTask;
}
