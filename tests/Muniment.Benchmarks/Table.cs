using System.Text.Json;

namespace Muniment.Benchmarks;

/// <summary>Rows that are printed and kept as JSON.</summary>
internal sealed class Table(string name)
{
    private readonly List<Row> rows = [];

    public void Add(string what, double value, string unit, double? ratio = null, string? of = null, double? floor = null)
    {
        var row = new Row(what, value, unit, ratio, of, floor, ratio is null || floor is null ? null : ratio >= floor);
        rows.Add(row);
        string share = ratio is null ? "" : ratio < 2 ? $"{ratio:0.0 %} of {of}" : $"{ratio:0.0} times {of}";
        string bound = floor is null ? "" : $"(floor {(floor < 2 ? $"{floor:0.0 %}" : $"{floor:0.0}")}) {(ratio >= floor ? "ok" : "MISSED")}";
        Console.WriteLine($"{what,-58} {value,14:#,0.##} {unit,-8} {share} {bound}");
    }

    public void AddMost(string what, double value, string unit, double most)
    {
        rows.Add(new Row(what, value, unit, null, null, most, value <= most));
        Console.WriteLine($"{what,-58} {value,14:#,0.##} {unit,-8} (at most {most:#,0.##}) {(value <= most ? "ok" : "MISSED")}");
    }

    public async Task SaveAsync(string directory)
    {
        Directory.CreateDirectory(directory);
        await File.WriteAllTextAsync(Path.Combine(directory, name + ".json"), JsonSerializer.Serialize(new { name, cores = Environment.ProcessorCount, rows }, new JsonSerializerOptions { WriteIndented = true }));
    }

    private sealed record Row(string What, double Value, string Unit, double? Ratio, string? Of, double? Bound, bool? Met);
}
