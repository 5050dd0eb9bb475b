using Muniment.Benchmarks;

string name = args.Length > 0 && !args[0].StartsWith('-') ? args[0] : "all";
string output = Value("--output") ?? "artifacts/bench";
if (name == "discard")
{
    await DiscardServer.RunAsync();
    return 0;
}

if (name == "sink")
{
    await CountingSink.RunAsync(int.Parse(args[1]));
    return 0;
}

(string Name, Func<Table, Task> Run)[] benches =
[
    ("ingest", t => IngestBench.RunAsync(t, sustained: !args.Contains("--short"))),
    ("growth", IngestBench.GrowthAsync),
    ("sustained", t => IngestBench.SustainedAsync(t, int.Parse(Value("--seconds") ?? $"{IngestBench.SustainedSeconds}"))),
    ("neighbour", NeighbourBench.RunAsync),
    ("query", t => QueryBench.RunAsync(t, int.Parse(Value("--events") ?? "5000000"))),
    ("delivery", t => DeliveryBench.RunAsync(t, int.Parse(Value("--events") ?? $"{DeliveryBench.DefaultBacklog}"))),
    ("formats", FormatBench.RunAsync),
    ("sealing", t => SealingBench.RunAsync(t, Value("--only"))),
    ("redaction", RedactionBench.RunAsync),
    ("gateway", t => GatewayBench.RunAsync(t, int.Parse(Value("--requests") ?? "20000"), Value("--only"))),
    ("policy", PolicyBench.RunAsync),
];
if (name != "all" && !benches.Any(b => b.Name == name))
{
    Console.Error.WriteLine("scripts/bench [ingest|growth|sustained|neighbour|query|delivery|formats|sealing|redaction|gateway|policy] [--short] [--events N] [--seconds N] [--requests N] [--only PART]");
    return 2;
}

foreach ((string bench, Func<Table, Task> run) in benches.Where(b => (name == "all" && b.Name is not ("growth" or "sustained")) || b.Name == name))
{
    Console.WriteLine($"== {bench} ({Environment.ProcessorCount} cores, generator and receivers on the same machine)");
    var table = new Table(bench);
    await run(table);
    await table.SaveAsync(output);
}

return 0;

string? Value(string flag)
{
    int at = Array.IndexOf(args, flag);
    return at >= 0 && at + 1 < args.Length ? args[at + 1] : null;
}
