using System.Collections.Immutable;
using System.Diagnostics;

namespace Muniment.Conformance.Tests.Grains;

[Alias("conformance.context")]
public interface IContext : IGrainWithStringKey
{
    [Alias("read")] Task<string> Read(string name);

    [Alias("overwrite")] Task Overwrite(string name, string value);

    [Alias("through")] Task<ImmutableArray<string>> ReadThrough(string name, string other);

    [Alias("trace")] Task<string> TraceId();

    [Alias("who")] Task<string> WhoAmI();

    [Alias("self")] Task<string> AskMyselfByReference();

    [Alias("hand-over")] Task<string> AskOther(IContext other);

    [Alias("hand-over-myself")] Task<string> HandOverMyself();
}

/// <summary>Its grain type comes from its name.</summary>
public sealed class ContextGrain : Grain, IContext
{
    public Task<string> Read(string name) => Task.FromResult(RequestContext.Get(name)?.ToString() ?? "nothing");

    public async Task Overwrite(string name, string value)
    {
        RequestContext.Set(name, value);
        await Task.Yield();
        RequestContext.Set(name, value);
    }

    public async Task<ImmutableArray<string>> ReadThrough(string name, string other)
    {
        IContext next = GrainFactory.GetGrain<IContext>(other);
        string before = await next.Read(name);
        await next.Overwrite(name, "changed below");
        return [before, await Read(name)];
    }

    public Task<string> TraceId() => Task.FromResult(Activity.Current?.TraceId.ToString() ?? "none");

    public Task<string> WhoAmI() => Task.FromResult($"{this.GetGrainId()} {this.GetPrimaryKeyString()} {IdentityString} {GrainContext.GrainId.Type}");

    public Task<string> AskMyselfByReference() => Task.FromResult(this.AsReference<IContext>().GetPrimaryKeyString());

    public Task<string> AskOther(IContext other) => other.WhoAmI();

    public Task<string> HandOverMyself() => GrainFactory.GetGrain<IContext>("somebody").AskOther(this);
}

[Alias("conformance.idle")]
public interface IIdle : IGrainWithStringKey
{
    [Alias("life")] Task<string> Life();

    [Alias("delay")] Task Delay(TimeSpan time);

    [Alias("hold")] Task Hold(string gate);

    [Alias("silo")] Task<string> Silo();
}

[GrainType("idle")]
public sealed class IdleGrain : Grain, IIdle
{
    private readonly string _life = Guid.NewGuid().ToString();

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        Script.Of(this.GetPrimaryKeyString()).Note($"deactivated {reason.ReasonCode}");
        return Task.CompletedTask;
    }

    public Task<string> Life() => Task.FromResult(_life);

    public Task Delay(TimeSpan time)
    {
        DelayDeactivation(time);
        return Task.CompletedTask;
    }

    public Task Hold(string gate) => Script.Of(this.GetPrimaryKeyString()).WaitAt(gate);

    public Task<string> Silo() => Task.FromResult(RuntimeIdentity);
}

[Alias("conformance.kept")]
public interface IKept : IGrainWithStringKey
{
    [Alias("life")] Task<string> Life();
}

[GrainType("kept"), KeepAlive]
public sealed class KeptGrain : Grain, IKept
{
    private readonly string _life = Guid.NewGuid().ToString();

    public Task<string> Life() => Task.FromResult(_life);
}

[Alias("conformance.numbered")]
public interface INumbered : IGrainWithIntegerKey
{
    [Alias("number")] Task<long> Number();
}

[GrainType("numbered")]
public sealed class NumberedGrain : Grain, INumbered
{
    public Task<long> Number() => Task.FromResult(this.GetPrimaryKeyLong());
}

[Alias("conformance.reminded")]
public interface IReminded : IGrainWithStringKey
{
    [Alias("remind")] Task Remind(string name, TimeSpan due, TimeSpan period);

    [Alias("forget")] Task Forget(string name);

    [Alias("names")] Task<ImmutableArray<string>> Names();

    [Alias("has")] Task<bool> Has(string name);
}

[GrainType("reminded")]
public sealed class RemindedGrain : Grain, IReminded, IRemindable
{
    public Task Remind(string name, TimeSpan due, TimeSpan period) => this.RegisterOrUpdateReminder(name, due, period);

    public async Task Forget(string name) => await this.UnregisterReminder((await this.GetReminder(name))!);

    public async Task<ImmutableArray<string>> Names() => [.. (await this.GetReminders()).Select(reminder => reminder.ReminderName)];

    public async Task<bool> Has(string name) => await this.GetReminder(name) is not null;

    public Task ReceiveReminder(string reminderName, TickStatus status)
    {
        Script.Of(this.GetPrimaryKeyString()).Note($"{reminderName} every {status.Period}");
        return Task.CompletedTask;
    }
}
