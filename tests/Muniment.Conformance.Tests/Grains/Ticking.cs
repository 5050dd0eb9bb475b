namespace Muniment.Conformance.Tests.Grains;

[Alias("conformance.ticking")]
public interface ITicking : IGrainWithStringKey
{
    [Alias("start")] Task Start(string name, int dueMs, int periodMs, bool interleave, bool keepAlive);

    [Alias("start-holding")] Task StartHolding(string gate, int periodMs, bool interleave);

    [Alias("start-failing")] Task StartFailing(string name);

    [Alias("change")] Task Change(int dueMs, int periodMs);

    [Alias("stop")] Task Stop();

    [Alias("hold")] Task Hold(string gate);

    [Alias("outside")] Task<bool> RegisteringOutsideATurnFails();

    [Alias("bad")] Task<bool> NegativePeriodFails();

    [Alias("context")] Task StartNotingContext();

    [Alias("life")] Task<string> Life();
}

[GrainType("ticking")]
public sealed class TickingGrain : Grain, ITicking
{
    private readonly string _life = Guid.NewGuid().ToString();
    private IGrainTimer? _timer;

    private Script Script => Script.Of(this.GetPrimaryKeyString());

    public Task Start(string name, int dueMs, int periodMs, bool interleave, bool keepAlive)
    {
        TaskScheduler mine = TaskScheduler.Current;
        _timer = this.RegisterGrainTimer(
            (state, token) =>
            {
                token.Register(() => Script.Note($"{state} token cancelled"));
                Script.Note(state);
                if (TaskScheduler.Current != mine) Script.Note("out of turn");
                return Task.CompletedTask;
            },
            name,
            new GrainTimerCreationOptions { DueTime = Ms(dueMs), Period = Ms(periodMs), Interleave = interleave, KeepAlive = keepAlive });
        return Task.CompletedTask;
    }

    public Task StartHolding(string gate, int periodMs, bool interleave)
    {
        _timer = this.RegisterGrainTimer(
            async () =>
            {
                Script.Note("tick begins");
                await Script.WaitAt(gate);
                Script.Note("tick ends");
            },
            new GrainTimerCreationOptions(TimeSpan.Zero, Ms(periodMs)) { Interleave = interleave });
        return Task.CompletedTask;
    }

    public Task StartFailing(string name)
    {
        _timer = this.RegisterGrainTimer(
            () =>
            {
                Script.Note(name);
                throw new InvalidOperationException("a bad tick");
            },
            TimeSpan.Zero,
            Ms(5));
        return Task.CompletedTask;
    }

    public Task Change(int dueMs, int periodMs)
    {
        _timer!.Change(Ms(dueMs), Ms(periodMs));
        return Task.CompletedTask;
    }

    public Task Stop()
    {
        _timer!.Dispose();
        Script.Note("stopped");
        return Task.CompletedTask;
    }

    public Task Hold(string gate) => Script.WaitAt(gate);

    public async Task<bool> RegisteringOutsideATurnFails()
    {
        try
        {
            await Task.Run(() => this.RegisterGrainTimer(static () => Task.CompletedTask, TimeSpan.Zero, Ms(-1)));
            return false;
        }
        catch (Exception)
        {
            return true;
        }
    }

    public Task<bool> NegativePeriodFails()
    {
        try
        {
            this.RegisterGrainTimer(static () => Task.CompletedTask, TimeSpan.Zero, Ms(-5));
            return Task.FromResult(false);
        }
        catch (ArgumentOutOfRangeException)
        {
            return Task.FromResult(true);
        }
    }

    public Task StartNotingContext()
    {
        this.RegisterGrainTimer(
            () =>
            {
                Script.Note($"context {RequestContext.Get("who") ?? "nothing"}");
                return Task.CompletedTask;
            },
            TimeSpan.Zero,
            Ms(-1));
        return Task.CompletedTask;
    }

    public Task<string> Life() => Task.FromResult(_life);

    private static TimeSpan Ms(int ms) => TimeSpan.FromMilliseconds(ms);
}
