using Orleans.Runtime;

namespace Orleans
{
    /// <summary>A record on its way to or from a storage.</summary>
    /// <typeparam name="T">Type of the record.</typeparam>
    public interface IGrainState<T>
    {
        /// <summary>The record; never null after a read.</summary>
        T State { get; set; }

        /// <summary>Version of the record.</summary>
        string? ETag { get; set; }

        /// <summary>True when a record is stored.</summary>
        bool RecordExists { get; set; }
    }

    /// <summary>A plain <see cref="IGrainState{T}"/>.</summary>
    /// <typeparam name="T">Type of the record.</typeparam>
    public sealed class GrainState<T> : IGrainState<T>
    {
        /// <summary>An empty one.</summary>
        public GrainState() => State = default!;

        /// <summary>One with a record.</summary>
        public GrainState(T state) => State = state;

        /// <summary>One with a record and its version.</summary>
        public GrainState(T state, string? eTag) => (State, ETag) = (state, eTag);

        /// <inheritdoc/>
        public T State { get; set; }

        /// <inheritdoc/>
        public string? ETag { get; set; }

        /// <inheritdoc/>
        public bool RecordExists { get; set; }
    }
}

namespace Orleans.Storage
{
    /// <summary>
    /// Stores records. A read sets State (a new T when nothing is stored), ETag and RecordExists. A write or clear with another version than the stored one
    /// throws <see cref="InconsistentStateException"/>.
    /// </summary>
    public interface IGrainStorage
    {
        /// <summary>Reads a record.</summary>
        Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState);

        /// <summary>Writes a record.</summary>
        Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState);

        /// <summary>Removes a record.</summary>
        Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState);
    }
}
