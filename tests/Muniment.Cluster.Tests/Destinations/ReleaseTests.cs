using System.Text;
using System.Text.Json;
using Muniment.Cluster.Tests.Platform;
using Muniment.Delivery.Batches;
using Muniment.Events;
using Muniment.Events.Canonical;
using Muniment.Grains.Destinations;
using Muniment.Messages.Destinations;

namespace Muniment.Cluster.Tests.Destinations;

/// <summary>Shortening the log asks the destinations, and what they give up stands in the log.</summary>
[Collection(TwoSilos.Name)]
public sealed class ReleaseTests(PlatformFixture fixture)
{
    [Fact]
    public async Task Hold_keeps_the_log_and_expire_gives_way_and_says_so_once()
    {
        TenantId tenant = TestTenants.New();
        IGrainFactory door = fixture.Cluster.Door(0);
        foreach ((string id, string onFull) in ((string, string)[])[("held", "hold"), ("gives", "expire")])
        {
            await CreateAsync(door, tenant, id, onFull);
        }

        Sender sender = new(door, tenant, fixture.Store.Journal.Keyring);
        await sender.SendAsync(sender.Make("first", 40));
        IDestinationDirectoryGrain directory = door.GetGrain<IDestinationDirectoryGrain>(tenant.Value);
        Assert.Equal(0, await directory.Release(30)); // the one that holds needs everything
        await door.GetGrain<IDestinationGrain>(tenant.Value + "/held").Delete(-1, null);
        await Scenario.Until(async () => await directory.Release(30) == 30, () => "it never let go");

        List<CanonicalEvent> notices = [];
        await Scenario.Until(async () => (notices = await NoticesAsync(tenant)).Count > 0, () => "nothing in the log says so");
        await Scenario.Until(async () => (await StatusAsync(door, tenant, "gives")).GetProperty("expired").GetInt64() == 30, () => "not counted");
        CanonicalEvent notice = Assert.Single(await NoticesAsync(tenant));
        Assert.Equal(("system", "destination.expire", "gives", "platform"), (notice.Stream, notice.Action, notice.Target, notice.Source.Receiver));
        JsonElement details = JsonSerializer.Deserialize<JsonElement>(notice.Details.Span);
        Assert.Equal((30, 30, 30), (details.GetProperty("events").GetInt64(), details.GetProperty("total").GetInt64(), details.GetProperty("before").GetInt64()));
        await door.GetGrain<IDestinationGrain>(tenant.Value + "/gives").Delete(-1, null);

        // Another one with the same id and the same numbers is not taken for a repeat.
        await CreateAsync(door, tenant, "gives", "expire");
        await Scenario.Until(async () => await directory.Release(30) == 30, () => "the second one never let go");
        await Scenario.Until(async () => (notices = await NoticesAsync(tenant)).Count == 2, () => "nothing in the log tells of the second one");
        await door.GetGrain<IDestinationGrain>(tenant.Value + "/gives").Delete(-1, null);
        Assert.Equal(42, await directory.Release(42)); // nobody is left who needs anything
    }

    [Fact]
    public async Task A_destination_that_is_held_is_told_in_the_log_once_and_does_not_get_that_itself()
    {
        TenantId tenant = TestTenants.New();
        IGrainFactory door = fixture.Cluster.Door(0);
        Sender sender = new(door, tenant, fixture.Store.Journal.Keyring);
        await sender.SendAsync(sender.Make("first", 5));
        const string json = """{"id":"stands","kind":"splunk_hec","endpoint":"http://169.254.169.254:9","credential":{"token":"t"},"start":"beginning","streams":["activity","system"]}""";
        IDestinationGrain grain = door.GetGrain<IDestinationGrain>($"{tenant.Value}/stands");
        Assert.Equal(DestinationStatusCode.Done, (await grain.Create(Encoding.UTF8.GetBytes(json), null)).Code);
        List<CanonicalEvent> notices = [];
        await Scenario.Until(async () => (notices = await NoticesAsync(tenant)).Count > 0, () => "nothing in the log says so");
        CanonicalEvent notice = Assert.Single(notices);
        Assert.Equal(("destination.pause", "stands", "failure", "high", "platform"), (notice.Action, notice.Target, notice.Result, notice.Risk, notice.Source.Receiver));
        JsonElement details = JsonSerializer.Deserialize<JsonElement>(notice.Details.Span);
        Assert.Equal(("egress_refused", 0), (details.GetProperty("code").GetString(), details.GetProperty("position").GetInt64()));
        Assert.Contains("never allowed", details.GetProperty("hint").GetString(), StringComparison.Ordinal);
        await grain.Resume(null); // refused again: the same hold
        await Scenario.Until(async () => (await StatusAsync(door, tenant, "stands")).GetProperty("outcomes").GetProperty("misconfigured").GetInt64() >= 2, () => "not asked again");
        Assert.Single(await NoticesAsync(tenant));
        await grain.Delete(-1, null);
    }

    /// <summary>Nobody listens behind it.</summary>
    private static async Task CreateAsync(IGrainFactory door, TenantId tenant, string id, string onFull)
    {
        string json = $$$"""{"id":"{{{id}}}","kind":"splunk_hec","endpoint":"http://127.0.0.1:9","credential":{"token":"t"},"start":"beginning","on_full":"{{{onFull}}}","batch":{"max_events":10}}""";
        DestinationAnswer answer = await door.GetGrain<IDestinationGrain>($"{tenant.Value}/{id}").Create(Encoding.UTF8.GetBytes(json), null);
        Assert.True(answer.Code == DestinationStatusCode.Done, $"{answer.Field}: {answer.Detail}");
    }

    private static async Task<JsonElement> StatusAsync(IGrainFactory door, TenantId tenant, string id) =>
        JsonSerializer.Deserialize<JsonElement>((await door.GetGrain<IDestinationGrain>($"{tenant.Value}/{id}").GetStatus()).Body.Span);

    private async Task<List<CanonicalEvent>> NoticesAsync(TenantId tenant)
    {
        List<CanonicalEvent> found = [];
        CanonicalProjection projection = new(tenant);
        await foreach (SourceBlock block in new JournalEventSource(fixture.Store.Journal.Reader, tenant).ReadAsync(0, long.MaxValue, CancellationToken.None))
        {
            found.AddRange(block.Events.Select(e => projection.Read(e)).Where(e => e.Stream == "system"));
        }

        return found;
    }
}
