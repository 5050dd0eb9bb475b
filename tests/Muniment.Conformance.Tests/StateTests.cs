using Microsoft.Extensions.DependencyInjection;
using Muniment.Conformance.Tests.Grains;
using Orleans.Storage;

namespace Muniment.Conformance.Tests;

/// <summary>Rule 16: stored state and its versions.</summary>
public sealed class StateTests(ClusterFixture fixture) : ConformanceTest(fixture)
{
    private IGrainStorage Memory => Cluster.GetSiloServiceProvider().GetRequiredKeyedService<IGrainStorage>("memory");

    private GrainId Id => GrainId.Create("made-up", Key);

    [Fact]
    public async Task What_was_written_survives_and_what_was_not_is_lost()
    {
        IStoring grain = Grain<IStoring>();
        await grain.Set(1);
        await grain.SetWithoutWriting(2);
        Assert.Equal(2, await grain.Get());
        await Cluster.DeactivateAsync(grain);
        Assert.Equal(1, await grain.Get());
    }

    [Fact]
    public async Task A_cleared_record_is_gone()
    {
        IStoring grain = Grain<IStoring>();
        Assert.False(await grain.Exists());
        await grain.Set(1);
        Assert.True(await grain.Exists());
        await grain.Clear();
        Assert.False(await grain.Exists());
        Assert.Equal(0, await grain.Get());
        await grain.Set(3);
        await Cluster.DeactivateAsync(grain);
        Assert.Equal(3, await grain.Get());
    }

    [Fact]
    public async Task A_missing_storage_fails_the_activation()
    {
        InvalidOperationException exception = await Assert.ThrowsAsync<InvalidOperationException>(() => Grain<IHomeless>().Ping());
        Assert.Contains("No storage provider named \"no-such-storage\"", exception.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_read_sets_state_version_and_existence()
    {
        GrainState<StoredRecord> state = new();
        await Memory.ReadStateAsync("r", Id, state);
        Assert.NotNull(state.State);
        Assert.False(state.RecordExists);
        state.State.Number = 5;
        await Memory.WriteStateAsync("r", Id, state);
        Assert.True(state.RecordExists);

        GrainState<StoredRecord> again = new();
        await Memory.ReadStateAsync("r", Id, again);
        Assert.Equal((5, state.ETag, true), (again.State.Number, again.ETag, again.RecordExists));
        Assert.NotSame(state.State, again.State);
    }

    [Fact]
    public async Task A_stale_write_or_clear_throws_InconsistentStateException()
    {
        GrainState<StoredRecord> first = new();
        await Memory.ReadStateAsync("r", Id, first);
        await Memory.WriteStateAsync("r", Id, first);
        GrainState<StoredRecord> second = new();
        await Memory.ReadStateAsync("r", Id, second);
        await Memory.WriteStateAsync("r", Id, second);

        await Assert.ThrowsAsync<InconsistentStateException>(() => Memory.WriteStateAsync("r", Id, first));
        await Assert.ThrowsAsync<InconsistentStateException>(() => Memory.ClearStateAsync("r", Id, first));
        await Assert.ThrowsAsync<InconsistentStateException>(() => Memory.WriteStateAsync("r", Id, new GrainState<StoredRecord>(new())));
        await Memory.ClearStateAsync("r", Id, second);
        Assert.False(second.RecordExists);
    }

    [Fact]
    public async Task A_stale_write_of_a_grain_ends_its_activation()
    {
        IFaultyStoring grain = Grain<IFaultyStoring>("-stale");
        string life = await grain.Life();
        InconsistentStateException exception = await Assert.ThrowsAsync<InconsistentStateException>(() => grain.Write());
        Assert.Equal(("2", "1"), (exception.StoredEtag, exception.CurrentEtag));
        Assert.NotEqual(life, await grain.Life());
    }

    [Fact]
    public async Task Another_failure_of_the_storage_comes_wrapped_and_ends_nothing()
    {
        IFaultyStoring grain = Grain<IFaultyStoring>("-full");
        string life = await grain.Life();
        OrleansException exception = await Assert.ThrowsAsync<OrleansException>(() => grain.Write());
        Assert.Contains("the disk is full", exception.ToString(), StringComparison.Ordinal);
        Assert.Equal(life, await grain.Life());
    }

    [Fact]
    public async Task A_failing_read_fails_the_activation()
    {
        Exception exception = await Assert.ThrowsAnyAsync<Exception>(() => Grain<IFaultyStoring>("-read").Life());
        Assert.Contains("the disk is gone", exception.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task State_is_refused_outside_of_turns() => Assert.True(await Grain<IStoring>().StateRefusesOtherThreads());
}
