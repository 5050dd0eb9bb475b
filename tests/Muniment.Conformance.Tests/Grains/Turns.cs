using System.Collections.Immutable;
using Orleans.Concurrency;

namespace Muniment.Conformance.Tests.Grains;

[Alias("conformance.turns")]
public interface ITurns : IGrainWithStringKey
{
    [Alias("hold")] Task Hold(string gate);

    [Alias("note")] Task Note(string what);

    [Alias("note-short"), ResponseTimeout("00:00:00.5")] Task NoteWithShortTimeout(string what);

    [Alias("hold-short"), ResponseTimeout("00:00:00.5")] Task HoldWithShortTimeout(string gate);

    [Alias("interleave"), AlwaysInterleave] Task Interleave(string gate);

    [Alias("read"), ReadOnly] Task Read(string gate);

    [Alias("one-way"), OneWay] Task HoldOneWay(string gate);

    [Alias("one-way-fail"), OneWay] Task FailOneWay();

    [Alias("sub-tasks")] ValueTask<int> CountInSubTasks(int tasks, int steps);

    [Alias("scheduler")] Task<ImmutableArray<bool>> KeepsScheduler();

    [Alias("async-local")] Task<ImmutableArray<string>> AsyncLocals();

    [Alias("call")] Task CallBack(string other, string gate);

    [Alias("fail")] Task<int> Fail(string message);

    [Alias("cancel")] Task HoldUntilCancelled(string gate, CancellationToken cancellationToken);

    [Alias("no-op")] ValueTask Nothing();
}

public static class Flow
{
    public static readonly AsyncLocal<string?> Value = new();
}

[GrainType("turns")]
public sealed class TurnsGrain : Grain, ITurns
{
    private int _counter;

    private Script Script => Script.Of(this.GetPrimaryKeyString());

    public async Task Hold(string gate)
    {
        await Script.WaitAt(gate);
        Script.Note($"past {gate}");
    }

    public Task HoldWithShortTimeout(string gate) => Hold(gate);

    public Task Interleave(string gate) => Hold(gate);

    public Task Read(string gate) => Hold(gate);

    public Task HoldOneWay(string gate) => Hold(gate);

    public Task Note(string what)
    {
        Script.Note(what);
        return Task.CompletedTask;
    }

    public Task NoteWithShortTimeout(string what) => Note(what);

    public Task FailOneWay()
    {
        Script.Note("failing");
        throw new InvalidOperationException("nobody hears this");
    }

    public async ValueTask<int> CountInSubTasks(int tasks, int steps)
    {
        _counter = 0;
        await Task.WhenAll(Enumerable.Range(0, tasks).Select(_ => CountAsync(steps)));
        return _counter;
    }

    public async Task<ImmutableArray<bool>> KeepsScheduler()
    {
        TaskScheduler mine = TaskScheduler.Current;
        List<bool> kept = [mine != TaskScheduler.Default];
        await Task.Yield();
        kept.Add(TaskScheduler.Current == mine);
        await Task.Run(static () => { });
        kept.Add(TaskScheduler.Current == mine);
        kept.Add(await Task.Run(() => TaskScheduler.Current == TaskScheduler.Default));
        kept.Add(await Task.Factory.StartNew(() => TaskScheduler.Current == mine, CancellationToken.None, TaskCreationOptions.None, TaskScheduler.Current));
        return [.. kept];
    }

    public async Task<ImmutableArray<string>> AsyncLocals()
    {
        string before = Flow.Value.Value ?? "nothing";
        Flow.Value.Value = "grain";
        await Task.Yield();
        return [before, Flow.Value.Value ?? "nothing"];
    }

    public Task CallBack(string other, string gate) => GrainFactory.GetGrain<ICaller>(other).CallTurns(this.GetPrimaryKeyString());

    public async Task<int> Fail(string message)
    {
        await Task.Yield();
        throw new InvalidOperationException(message);
    }

    public async Task HoldUntilCancelled(string gate, CancellationToken cancellationToken)
    {
        TaskScheduler mine = TaskScheduler.Current;
        Task opened = Script.WaitAt(gate).WaitAsync(cancellationToken);
        // Registered last, so called first: before the wait below goes on.
        using CancellationTokenRegistration registration = cancellationToken.Register(() => Script.Note(TaskScheduler.Current == mine ? "cancelled in turn" : "cancelled elsewhere"));
        try
        {
            await opened;
        }
        catch (OperationCanceledException)
        {
            Script.Note("cancelled");
            throw;
        }
    }

    public ValueTask Nothing() => ValueTask.CompletedTask;

    private async Task CountAsync(int steps)
    {
        for (int i = 0; i < steps; i++)
        {
            // Not atomic: two threads in here at once would lose counts.
            int seen = _counter;
            await Task.CompletedTask;
            Thread.SpinWait(50);
            _counter = seen + 1;
            await Task.Yield();
        }
    }
}

[Alias("conformance.caller")]
public interface ICaller : IGrainWithStringKey
{
    [Alias("call-turns")] Task CallTurns(string key);

    [Alias("call-storing")] Task<string> CallStoring(string key);
}

[GrainType("caller")]
public sealed class CallerGrain : Grain, ICaller
{
    private readonly string _life = Guid.NewGuid().ToString();

    public Task CallTurns(string key) => GrainFactory.GetGrain<ITurns>(key).NoteWithShortTimeout("called back");

    public async Task<string> CallStoring(string key)
    {
        try
        {
            await GrainFactory.GetGrain<IStoring>(key).FailInconsistently();
        }
        catch (Orleans.Storage.InconsistentStateException)
        {
            Script.Of(key).Note("caller saw it");
            throw;
        }
        finally
        {
            Script.Of(key).Note($"caller {_life}");
        }
        return _life;
    }
}

[Alias("conformance.reentrant")]
public interface IReentrantTurns : IGrainWithStringKey
{
    [Alias("hold")] Task Hold(string gate);
}

[GrainType("reentrant"), Reentrant]
public sealed class ReentrantGrain : Grain, IReentrantTurns
{
    public Task Hold(string gate) => Script.Of(this.GetPrimaryKeyString()).WaitAt(gate);
}
