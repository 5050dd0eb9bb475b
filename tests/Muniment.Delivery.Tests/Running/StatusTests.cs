using System.Text.Json;
using Muniment.Delivery.Machine;
using Muniment.Delivery.Running;
using Muniment.Delivery.Storage;
using Muniment.Delivery.Tests.Fakes;

namespace Muniment.Delivery.Tests.Running;

public sealed class StatusTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_is_told_is_stored_already(bool release)
    {
        string export = Path.Combine(Directory.CreateTempSubdirectory("muniment-status-").FullName, "export");
        FakeSource source = new();
        source.Add(1500);
        MemoryDestinationStore store = new();
        await using (DestinationRunner runner = await Fixtures.OpenAsync(Fixtures.Services(source, store, export), """{"id":"d","kind":"file","endpoint":"events.ndjson","batch":{"max_events":3,"max_age_ms":0}}"""))
        {
            long position;
            using CancellationTokenSource limit = new(Fixtures.Patience);
            do
            {
                position = release ? await runner.ReleaseAsync(source.Size, limit.Token) : (await runner.GetStatusAsync(limit.Token)).Position;
                Receipt[] receipts = [.. await store.ReadReceiptsAsync(Fixtures.Tenant, "d", 0, 1000, default)];
                long covered = receipts.Length == 0 ? 0 : JsonSerializer.Deserialize<JsonElement>(receipts[^1].Json.Span).GetProperty("last").GetInt64() + 1;
                Assert.True(covered >= position, $"told was {position}, the receipts speak of {covered}");
            }
            while (position < source.Size);
        }

        Directory.Delete(Path.GetDirectoryName(export)!, recursive: true);
    }
}
