#if ORLEANS_LOCAL
using Muniment.Conformance.Tests.Grains;
using Orleans.Local;
using Orleans.Serialization;

namespace Muniment.Conformance.Tests;

/// <summary>What only the stand-in does: it refuses types that it would have to copy, and can force a second activation.</summary>
public sealed class LocalOnlyTests(ClusterFixture fixture) : ConformanceTest(fixture)
{
    [Fact]
    public async Task A_type_that_can_change_is_refused_at_the_call()
    {
        IUnfit grain = Grain<IUnfit>();
        foreach (Func<Task> call in (Func<Task>[])
            [() => grain.TakeArray([]), () => grain.TakeRecord(new()), () => grain.TakeObject("x"), () => grain.GiveList(), () => grain.TakeOpen(new(1))])
        {
            CodecNotFoundException exception = await Assert.ThrowsAsync<CodecNotFoundException>(call);
            Assert.Contains(nameof(IUnfit), exception.Message, StringComparison.Ordinal);
        }
        await grain.Fine("x");
    }

    [Fact]
    public async Task A_grain_that_hands_over_itself_instead_of_a_reference_is_refused() =>
        Assert.Contains("AsReference", (await Assert.ThrowsAsync<CodecNotFoundException>(() => Grain<IContext>().HandOverMyself())).Message, StringComparison.Ordinal);

    [Fact]
    public async Task A_forced_duplicate_lives_beside_the_activation_that_takes_new_calls()
    {
        IIdle grain = Grain<IIdle>();
        string first = await grain.Life();
        IIdle old = LocalTestHooks.ForceDuplicateActivation(Cluster.GetSiloServiceProvider(), grain);
        string second = await grain.Life();
        Assert.NotEqual(first, second);
        Assert.Equal(first, await old.Life());
        Assert.Equal(second, await grain.Life());
    }

    [Fact]
    public void A_missing_implementation_is_named() =>
        Assert.Contains(nameof(INobody), Assert.Throws<ArgumentException>(() => Grain<INobody>()).Message, StringComparison.Ordinal);
}

[Alias("conformance.nobody")]
public interface INobody : IGrainWithStringKey;

[GenerateSerializer, Immutable, Alias("conformance.open")]
public record OpenRecord([property: Id(0)] int Number);

[Alias("conformance.unfit")]
public interface IUnfit : IGrainWithStringKey
{
    [Alias("array")] Task TakeArray(int[] numbers);

    [Alias("record")] Task TakeRecord(StoredRecord record);

    [Alias("object")] Task TakeObject(object anything);

    [Alias("list")] Task<List<int>> GiveList();

    [Alias("open")] Task TakeOpen(OpenRecord record);

    [Alias("fine")] Task Fine(string text);
}

[GrainType("unfit")]
public sealed class UnfitGrain : Grain, IUnfit
{
    public Task TakeArray(int[] numbers) => Task.CompletedTask;

    public Task TakeRecord(StoredRecord record) => Task.CompletedTask;

    public Task TakeObject(object anything) => Task.CompletedTask;

    public Task<List<int>> GiveList() => Task.FromResult<List<int>>([]);

    public Task TakeOpen(OpenRecord record) => Task.CompletedTask;

    public Task Fine(string text) => Task.CompletedTask;
}
#endif
