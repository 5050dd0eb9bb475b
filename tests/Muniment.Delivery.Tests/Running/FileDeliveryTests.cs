using System.Text.Json;
using Muniment.Delivery.Running;
using Muniment.Delivery.Storage;
using Muniment.Delivery.Testing;
using Muniment.Delivery.Tests.Fakes;

namespace Muniment.Delivery.Tests.Running;

public sealed class FileDeliveryTests : IAsyncLifetime
{
    private readonly FakeSource _source = new();
    private readonly MemoryDestinationStore _store = new();
    private readonly string _export = Path.Combine(Path.GetTempPath(), "muniment-file-" + Guid.NewGuid().ToString("N"), "export");
    private DestinationRunner? _runner;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (_runner is not null)
        {
            await _runner.DisposeAsync();
        }

        if (Directory.Exists(_export))
        {
            Directory.Delete(Path.GetDirectoryName(_export)!, recursive: true);
        }
    }

    [Fact]
    public async Task Every_event_is_a_line()
    {
        _source.Add(100);
        await StartAsync();
        string[] lines = File.ReadAllLines(Active);
        Assert.Equal(Enumerable.Range(0, 100).Select(i => (long)i), lines.Select(l => JsonSerializer.Deserialize<JsonElement>(l).GetProperty("muniment").GetProperty("n").GetInt64()));
        Assert.Equal("e7", JsonSerializer.Deserialize<JsonElement>(lines[7]).GetProperty("id").GetString());
    }

    [Fact]
    public async Task A_flat_event_has_texts_and_dotted_marks()
    {
        _source.Add(1);
        await StartAsync(""","format":"flat" """);
        JsonElement line = JsonSerializer.Deserialize<JsonElement>(File.ReadAllLines(Active)[0]);
        Assert.Equal("user:u0", line.GetProperty("actor").GetString());
        Assert.Equal(0, line.GetProperty("muniment.seq").GetInt64());
    }

    [Fact]
    public async Task A_full_file_is_numbered_and_nothing_is_split()
    {
        await StartAsync(""","options":{"rotate_bytes":4096},"batch":{"max_events":5}""");
        _source.Add(60);
        _runner!.Kick();
        await Settled();
        string[] files = [.. Directory.GetFiles(Path.GetDirectoryName(Active)!).Order(StringComparer.Ordinal)];
        Assert.True(files.Length > 3);
        Assert.All(files, f => Assert.InRange(new FileInfo(f).Length, 1, 4096));
        string[] ordered = [.. files.Where(f => f != Active), Active];
        Assert.Equal(Enumerable.Range(0, 60).Select(i => $"e{i}"), ordered.SelectMany(File.ReadAllLines).Select(l => JsonSerializer.Deserialize<JsonElement>(l).GetProperty("id").GetString()));
    }

    [Fact]
    public async Task A_line_cut_by_a_crash_is_taken_off()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Active)!);
        File.WriteAllText(Active, "{\"id\":\"whole\"}\n{\"id\":\"cu");
        _source.Add(2);
        await StartAsync();
        Assert.Equal(["whole", "e0", "e1"], File.ReadAllLines(Active).Select(l => JsonSerializer.Deserialize<JsonElement>(l).GetProperty("id").GetString()));
    }

    [Fact]
    public async Task Writing_that_fails_is_tried_again()
    {
        Directory.CreateDirectory(Path.Combine(_export, "acme"));
        File.WriteAllText(Path.Combine(_export, "acme", "d"), "in the way of the directory");
        _source.Add(2);
        DeliveryServices services = Fixtures.Services(_source, _store, _export) with { Random = () => 0 };
        _runner = await Fixtures.OpenAsync(services, """{"id":"d","kind":"file","endpoint":"events.ndjson"}""");
        DestinationStatus status = await _runner.UntilAsync(s => s.Reason is not null);
        Assert.Equal("destination_error", status.Reason!.Code);
        File.Delete(Path.Combine(_export, "acme", "d"));
        await Settled();
        Assert.Equal(2, File.ReadAllLines(Active).Length);
    }

    [Fact]
    public async Task A_test_writes_a_line_and_finds_it()
    {
        DeliveryServices services = Fixtures.Services(_source, _store, _export);
        TestReport report = await new DestinationTester(services).RunAsync(Fixtures.Tenant,
            Fixtures.Config("""{"id":"d","kind":"file","endpoint":"events.ndjson"}""", out Delivery.Configuration.SecretBag secrets), secrets, default);
        Assert.True(report.Ok);
        Assert.Equal(["send", "search"], report.Steps.Select(s => s.Step));
        JsonElement line = JsonSerializer.Deserialize<JsonElement>(File.ReadAllLines(Active).Single());
        Assert.Equal(report.EventId, line.GetProperty("id").GetString());
        Assert.Equal(report.Correlation, line.GetProperty("trace").GetProperty("correlation").GetString());
        Assert.False(line.TryGetProperty("muniment", out _));
    }

    private string Active => Path.Combine(_export, "acme", "d", "events.ndjson");

    private async Task StartAsync(string more = "")
    {
        _runner = await Fixtures.OpenAsync(Fixtures.Services(_source, _store, _export), $$"""{"id":"d","kind":"file","endpoint":"events.ndjson"{{more}}}""");
        await Settled();
    }

    private Task<DestinationStatus> Settled() => _runner!.UntilAsync(s => s.Position == _source.Size);
}
