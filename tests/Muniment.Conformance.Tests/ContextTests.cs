using System.Diagnostics;
using Muniment.Conformance.Tests.Grains;

namespace Muniment.Conformance.Tests;

/// <summary>Rule 13 and identity: what a call carries, and who is called.</summary>
public sealed class ContextTests(ClusterFixture fixture) : ConformanceTest(fixture)
{
    [Fact]
    public async Task Request_context_flows_down_and_on_but_never_up()
    {
        RequestContext.Set("name", "caller");
        Assert.Equal<string>(["caller", "caller"], (await Grain<IContext>().ReadThrough("name", Key + "-other")).AsEnumerable());
        Assert.Equal("caller", RequestContext.Get("name"));
        await Grain<IContext>().Overwrite("name", "changed");
        Assert.Equal("caller", RequestContext.Get("name"));
        Assert.True(RequestContext.Remove("name"));
        Assert.Equal("nothing", await Grain<IContext>().Read("name"));
    }

    [Fact]
    public async Task A_traced_caller_is_the_parent_of_the_callees_activity()
    {
        using ActivityListener listener = new()
        {
            ShouldListenTo = source => source.Name is "conformance" or "Microsoft.Orleans.Application",
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
        };
        ActivitySource.AddActivityListener(listener);
        using ActivitySource source = new("conformance");
        using Activity activity = source.StartActivity("caller")!;
        // From silo to silo, because only silos propagate here; the client outside is not configured to.
        IGrainFactory inside = Cluster.GetSiloServiceProvider().GetService(typeof(IGrainFactory)) as IGrainFactory ?? throw new InvalidOperationException();
        Assert.Equal(activity.TraceId.ToString(), await inside.GetGrain<IContext>(Key).TraceId());
    }

    [Fact]
    public async Task A_grain_knows_its_identity()
    {
        Assert.Equal($"context/{Key} {Key} context/{Key} context", await Grain<IContext>().WhoAmI());
        Assert.Equal(Key, await Grain<IContext>().AskMyselfByReference());
    }

    [Fact]
    public async Task References_are_equal_by_identity_and_can_be_had_by_it()
    {
        IContext grain = Grain<IContext>();
        Assert.Equal(grain, Grain<IContext>());
        Assert.NotEqual(grain, Grain<IContext>("-other"));
        Assert.Equal(GrainId.Create("context", Key), grain.GetGrainId());
        Assert.Equal(GrainId.Parse($"context/{Key}"), grain.GetGrainId());
        Assert.Equal(Key, grain.GetPrimaryKeyString());
        IContext byId = Cluster.Client.GetGrain<IContext>(grain.GetGrainId());
        Assert.Equal(await grain.WhoAmI(), await byId.WhoAmI());
        Assert.Equal(await grain.WhoAmI(), await grain.AsReference<IContext>().WhoAmI());
    }

    [Fact]
    public async Task A_reference_can_be_handed_to_a_grain()
    {
        IContext other = Grain<IContext>("-other");
        Assert.Equal(await other.WhoAmI(), await Grain<IContext>().AskOther(other));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(255)]
    [InlineData(long.MaxValue)]
    [InlineData(-1)]
    public async Task Numbers_are_keys_too(long number) => Assert.Equal(number, await Cluster.Client.GetGrain<INumbered>(number).Number());

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    public void An_empty_key_is_refused(string key) => Assert.ThrowsAny<ArgumentException>(() => Cluster.Client.GetGrain<IContext>(key));

    [Fact]
    public async Task Keys_are_taken_as_they_are()
    {
        IContext grain = Grain<IContext>("/a b/ä?%");
        Assert.Equal(Key + "/a b/ä?%", grain.GetPrimaryKeyString());
        Assert.EndsWith($" {Key}/a b/ä?% context/{Key}/a b/ä?% context", await grain.WhoAmI(), StringComparison.Ordinal);
    }
}
