namespace Orleans.Core
{
    /// <summary>A stored record of a grain.</summary>
    public interface IStorage
    {
        /// <summary>Version of the record that was read or written last; null when there is none.</summary>
        string? Etag { get; }

        /// <summary>True when a record is stored.</summary>
        bool RecordExists { get; }

        /// <summary>Reads the record again.</summary>
        Task ReadStateAsync();

        /// <summary>Writes the record.</summary>
        Task WriteStateAsync();

        /// <summary>Removes the record.</summary>
        Task ClearStateAsync();

        /// <summary>Reads the record again.</summary>
        Task ReadStateAsync(CancellationToken cancellationToken) => ReadStateAsync();

        /// <summary>Writes the record.</summary>
        Task WriteStateAsync(CancellationToken cancellationToken) => WriteStateAsync();

        /// <summary>Removes the record.</summary>
        Task ClearStateAsync(CancellationToken cancellationToken) => ClearStateAsync();
    }

    /// <summary>A stored record of a grain.</summary>
    /// <typeparam name="TState">Type of the record.</typeparam>
    public interface IStorage<TState> : IStorage
    {
        /// <summary>The record in memory.</summary>
        TState State { get; set; }
    }
}

namespace Orleans.Runtime
{
    /// <summary>A stored record that was loaded before the grain's OnActivateAsync. Concurrent writes race on the etag: keep one in flight.</summary>
    /// <typeparam name="TState">Type of the record.</typeparam>
    public interface IPersistentState<TState> : Core.IStorage<TState>;

    /// <summary>Asks, on a constructor parameter of type <see cref="IPersistentState{TState}"/>, for a stored record.</summary>
    /// <param name="stateName">Name of the record.</param>
    /// <param name="storageName">Name of the storage, or null for the default one.</param>
    [AttributeUsage(AttributeTargets.Parameter)]
    public class PersistentStateAttribute(string stateName, string? storageName = null) : Attribute
    {
        /// <summary>Name of the record.</summary>
        public string StateName => stateName;

        /// <summary>Name of the storage, or null for the default one.</summary>
        public string? StorageName => storageName;
    }
}
