using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Muniment.Cluster.Tests.Platform;
using Muniment.Delivery.Batches;
using Muniment.Events;
using Muniment.Events.Administration;
using Muniment.Events.Canonical;
using Muniment.Grains.Administration;
using Muniment.Grains.Destinations;

namespace Muniment.Cluster.Tests.Administration;

/// <summary>A change whose admin event no journal takes as it is must not stand in the way of the next one.</summary>
[Collection(TwoSilos.Name)]
public sealed class LargeAdminEventTests(PlatformFixture fixture)
{
    [Fact]
    public async Task An_act_that_is_too_large_for_an_event_is_recorded_with_sizes_and_digests()
    {
        TenantId tenant = TestTenants.New();
        JournalAdminRecorder recorder = new(fixture.Cluster.Door(0), fixture.Store.Journal.Keyring, TimeProvider.System, NullLogger<JournalAdminRecorder>.Instance);
        byte[] before = Values(700_000);
        byte[] after = Values(355_000);
        OutboxEntry large = OutboxEntry.Of(Act(tenant, "settings.update"), before, after);
        Assert.True(large.Event.Length > EventLimits.MaxSizeBytes);
        Assert.True(await recorder.RecordAsync(large));
        Assert.True(await recorder.RecordAsync(large)); // a lost answer: known
        Assert.True(await recorder.RecordAsync(OutboxEntry.Of(Act(tenant, "key.revoke"), "{}"u8.ToArray(), default)));

        CanonicalEvent[] found = [.. await AdminAsync(tenant)];
        Assert.Equal(["settings.update", "key.revoke"], found.Select(e => e.Action));
        Assert.Equal("org", found[0].Target);
        JsonElement details = JsonSerializer.Deserialize<JsonElement>(found[0].Details.Span);
        Assert.Equal("admin", details.GetProperty("role").GetString());
        foreach ((string name, byte[] value) in new[] { ("before", before), ("after", after) })
        {
            Assert.Equal(value.Length, details.GetProperty(name).GetProperty("size_bytes").GetInt32());
            Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(value)), details.GetProperty(name).GetProperty("sha256").GetString());
        }
    }

    private static byte[] Values(int length) => Encoding.UTF8.GetBytes($$"""{"note":"{{new string('x', length)}}"}""");

    private static AdminAct Act(TenantId tenant, string action) =>
        new(Guid.NewGuid().ToString(), tenant, "k1", null, "admin", action, "org", null, 1_767_225_600_000_000_000, default);

    private async Task<List<CanonicalEvent>> AdminAsync(TenantId tenant)
    {
        List<CanonicalEvent> found = [];
        CanonicalProjection projection = new(tenant);
        await foreach (SourceBlock block in new JournalEventSource(fixture.Store.Journal.Reader, tenant).ReadAsync(0, long.MaxValue, CancellationToken.None))
        {
            found.AddRange(block.Events.Select(e => projection.Read(e)));
        }

        return found;
    }
}
