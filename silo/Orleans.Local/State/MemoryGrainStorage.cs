using System.Collections.Concurrent;
using System.Text.Json;
using Orleans.Runtime;
using Orleans.Storage;

namespace Orleans.Local.State;

/// <summary>Records in memory, kept as JSON so that an activation never sees an object of another one. For tests: nothing outlives the process.</summary>
internal sealed class MemoryGrainStorage : IGrainStorage
{
    private static readonly JsonSerializerOptions Format = new() { IncludeFields = true };

    private readonly Lock _gate = new();
    private readonly Dictionary<(string, GrainId), (byte[] Json, string ETag)> _records = [];
    private long _lastETag;

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        lock (_gate)
        {
            bool exists = _records.TryGetValue((stateName, grainId), out (byte[] Json, string ETag) record);
            grainState.State = exists ? JsonSerializer.Deserialize<T>(record.Json, Format)! : Activator.CreateInstance<T>();
            grainState.ETag = exists ? record.ETag : null;
            grainState.RecordExists = exists;
        }
        return Task.CompletedTask;
    }

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(grainState.State, Format);
        lock (_gate)
        {
            Check_NeedsGate(stateName, grainId, grainState.ETag);
            string etag = (++_lastETag).ToString(System.Globalization.CultureInfo.InvariantCulture);
            _records[(stateName, grainId)] = (json, etag);
            grainState.ETag = etag;
            grainState.RecordExists = true;
        }
        return Task.CompletedTask;
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        lock (_gate)
        {
            Check_NeedsGate(stateName, grainId, grainState.ETag);
            _records.Remove((stateName, grainId));
            grainState.State = Activator.CreateInstance<T>();
            grainState.ETag = null;
            grainState.RecordExists = false;
        }
        return Task.CompletedTask;
    }

    private void Check_NeedsGate(string stateName, GrainId grainId, string? etag)
    {
        string? stored = _records.TryGetValue((stateName, grainId), out (byte[] Json, string ETag) record) ? record.ETag : null;
        if (stored != etag) throw new InconsistentStateException($"Version conflict in state {stateName} of {grainId}.", stored, etag);
    }
}

/// <summary>The memory storages of a process, by name: shared by all its logical silos, as a cluster shares them.</summary>
internal sealed class MemoryStorages
{
    private readonly ConcurrentDictionary<string, MemoryGrainStorage> _byName = [];

    public MemoryGrainStorage this[string name] => _byName.GetOrAdd(name, static _ => new());
}
