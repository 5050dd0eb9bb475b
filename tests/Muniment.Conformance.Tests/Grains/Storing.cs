using Orleans.Storage;

namespace Muniment.Conformance.Tests.Grains;

[GenerateSerializer, Alias("conformance.record")]
public sealed class StoredRecord
{
    [Id(0)] public int Number { get; set; }

    [Id(1)] public string? Text { get; set; }
}

[Alias("conformance.storing")]
public interface IStoring : IGrainWithStringKey
{
    [Alias("get")] Task<int> Get();

    [Alias("set")] Task Set(int number);

    [Alias("set-unwritten")] Task SetWithoutWriting(int number);

    [Alias("clear")] Task Clear();

    [Alias("exists")] Task<bool> Exists();

    [Alias("life")] Task<string> Life();

    [Alias("end")] Task End(string gate);

    [Alias("fail")] Task FailInconsistently();

    [Alias("fail-quietly")] Task FailInconsistentlyAndCatch();

    [Alias("outside")] Task<bool> StateRefusesOtherThreads();
}

[GrainType("storing")]
public sealed class StoringGrain : Grain, IStoring, IAsyncDisposable
{
    private readonly string _life = Guid.NewGuid().ToString();
    private readonly IPersistentState<StoredRecord> _record;

    public StoringGrain([PersistentState("record", "memory")] IPersistentState<StoredRecord> record)
    {
        _record = record;
        Script.Note("constructed");
    }

    private Script Script => Script.Of(this.GetPrimaryKeyString());

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        Script.Note($"activated with {_record.State.Number} {_record.RecordExists}");
        return Task.CompletedTask;
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        await Task.Yield();
        Script.Note($"deactivated {reason.ReasonCode}");
    }

    public ValueTask DisposeAsync()
    {
        Script.Note("disposed");
        return ValueTask.CompletedTask;
    }

    public Task<int> Get() => Task.FromResult(_record.State.Number);

    public Task Set(int number)
    {
        _record.State = new() { Number = number, Text = "set" };
        return _record.WriteStateAsync();
    }

    public Task SetWithoutWriting(int number)
    {
        _record.State.Number = number;
        return Task.CompletedTask;
    }

    public Task Clear() => _record.ClearStateAsync();

    public Task<bool> Exists() => Task.FromResult(_record.RecordExists);

    public Task<string> Life() => Task.FromResult(_life);

    public Task End(string gate)
    {
        DeactivateOnIdle();
        return Script.WaitAt(gate);
    }

    public Task FailInconsistently() => throw new InconsistentStateException("made up", "stored", "mine");

    public Task FailInconsistentlyAndCatch()
    {
        try
        {
            throw new InconsistentStateException("made up", "stored", "mine");
        }
        catch (InconsistentStateException)
        {
            return Task.CompletedTask;
        }
    }

    public async Task<bool> StateRefusesOtherThreads()
    {
        try
        {
            await Task.Run(() => _record.State.Number);
            return false;
        }
        catch (InvalidOperationException)
        {
            return true;
        }
    }
}

[Alias("conformance.unlucky")]
public interface IUnlucky : IGrainWithStringKey
{
    [Alias("ping")] Task<int> Ping();
}

/// <summary>Fails its first activation, and is slow in its second.</summary>
[GrainType("unlucky")]
public sealed class UnluckyGrain : Grain, IUnlucky
{
    private Script Script => Script.Of(this.GetPrimaryKeyString());

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        Script.Note("activating");
        if (Script.Count("activating") == 1) throw new InvalidOperationException("not today");
        await Script.WaitAt("activation");
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        Script.Note("deactivated");
        throw new InvalidOperationException("not even the end works");
    }

    public Task<int> Ping() => Task.FromResult(Script.Count("activating"));
}

[Alias("conformance.homeless")]
public interface IHomeless : IGrainWithStringKey
{
    [Alias("ping")] Task Ping();
}

[GrainType("homeless")]
public sealed class HomelessGrain([PersistentState("record", "no-such-storage")] IPersistentState<StoredRecord> record) : Grain, IHomeless
{
    public Task Ping() => Task.FromResult(record.Etag);
}

[Alias("conformance.faulty")]
public interface IFaultyStoring : IGrainWithStringKey
{
    [Alias("write")] Task Write();

    [Alias("life")] Task<string> Life();
}

[GrainType("faulty")]
public sealed class FaultyStoringGrain([PersistentState("record", "faulty")] IPersistentState<StoredRecord> record) : Grain, IFaultyStoring
{
    private readonly string _life = Guid.NewGuid().ToString();

    public Task Write() => record.WriteStateAsync();

    public Task<string> Life() => Task.FromResult(_life);
}

/// <summary>Reads, never writes: what a grain sees when its storage breaks. The grain's key says how it breaks.</summary>
public sealed class FaultyStorage : IGrainStorage
{
    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        if (grainId.ToString().EndsWith("-read", StringComparison.Ordinal)) throw new IOException("the disk is gone");
        grainState.State = Activator.CreateInstance<T>();
        grainState.ETag = "1";
        grainState.RecordExists = true;
        return Task.CompletedTask;
    }

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        grainId.ToString().EndsWith("-stale", StringComparison.Ordinal)
            ? throw new InconsistentStateException("somebody else wrote", "2", grainState.ETag)
            : throw new IOException("the disk is full");

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => WriteStateAsync(stateName, grainId, grainState);
}
