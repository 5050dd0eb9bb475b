using Microsoft.Extensions.DependencyInjection;
using Muniment.Conformance.Tests.Grains;

namespace Muniment.Conformance.Tests;

/// <summary>Rule 15: reminders.</summary>
public sealed class ReminderTests(ClusterFixture fixture) : ConformanceTest(fixture)
{
    [Fact]
    public async Task A_reminder_can_be_registered_found_changed_and_removed()
    {
        IReminded grain = Grain<IReminded>();
        Assert.Empty(await grain.Names());
        await grain.Remind("a", TimeSpan.FromHours(1), TimeSpan.FromMinutes(1));
        await grain.Remind("a", TimeSpan.FromHours(2), TimeSpan.FromMinutes(2));
        await grain.Remind("b", TimeSpan.FromHours(1), TimeSpan.FromMinutes(1));
        Assert.Equal(["a", "b"], (await grain.Names()).Order());
        await grain.Forget("a");
        Assert.False(await grain.Has("a"));
        Assert.True(await grain.Has("b"));
    }

    [Fact]
    public async Task A_due_reminder_activates_its_grain()
    {
        IReminded grain = Grain<IReminded>();
        await grain.Remind("now", TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
        await Cluster.DeactivateAsync(grain);
        await Script.Happened("now every 00:01:00");
    }

    [Fact]
    public async Task A_period_under_a_minute_is_refused() =>
        await Assert.ThrowsAsync<ArgumentException>(() => Grain<IReminded>().Remind("fast", TimeSpan.Zero, TimeSpan.FromSeconds(59)));

    [Fact]
    public async Task The_table_of_the_services_holds_the_rows()
    {
        IReminderTable table = Cluster.GetSiloServiceProvider().GetRequiredService<IReminderTable>();
        IReminded grain = Grain<IReminded>();
        await grain.Remind("row", TimeSpan.FromHours(1), TimeSpan.FromMinutes(3));
        ReminderEntry row = Assert.Single((await table.ReadRows(grain.GetGrainId())).Reminders);
        Assert.Equal(("row", TimeSpan.FromMinutes(3), grain.GetGrainId()), (row.ReminderName, row.Period, row.GrainId));
        Assert.Contains((await table.ReadRows(0, 0)).Reminders, entry => entry.GrainId == grain.GetGrainId());
        Assert.False(await table.RemoveRow(row.GrainId, "row", "another version"));
        Assert.True(await table.RemoveRow(row.GrainId, "row", row.ETag));
        Assert.Null(await table.ReadRow(row.GrainId, "row"));
    }
}
