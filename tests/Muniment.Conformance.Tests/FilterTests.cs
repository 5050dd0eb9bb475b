using Muniment.Conformance.Tests.Grains;

namespace Muniment.Conformance.Tests;

/// <summary>A filter sees calls on their way in and out.</summary>
public sealed class FilterTests(ClusterFixture fixture) : ConformanceTest(fixture)
{
    [Fact]
    public async Task A_filter_sees_the_call_and_may_change_the_result()
    {
        Assert.Equal(9, await Grain<IFiltered>().Twice(4));
        Assert.Equal(["before Twice of FilteredGrain, implemented by FilteredGrain", "after Twice: 8"], Script.Events);
    }

    [Fact]
    public async Task A_filter_sees_failures()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(() => Grain<IFiltered>().Fail());
        Assert.Equal(["before Fail of FilteredGrain, implemented by FilteredGrain", "failed Fail: as asked"], Script.Events);
    }
}
