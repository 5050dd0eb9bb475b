using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Local.Activations;
using Orleans.Runtime;
using Orleans.Storage;

namespace Orleans.Local.State;

/// <summary>A record that is read before its grain's OnActivateAsync.</summary>
internal interface ILoadedState
{
    Task LoadAsync();
}

/// <summary>Makes the states of a grain.</summary>
internal static class PersistentState
{
    public static ILoadedState Create(Activation activation, PersistentStateAttribute attribute, Type stateType)
    {
        IGrainStorage? storage = string.IsNullOrWhiteSpace(attribute.StorageName)
            ? activation.ActivationServices.GetService<IGrainStorage>()
            : activation.ActivationServices.GetKeyedService<IGrainStorage>(attribute.StorageName);
        if (storage is null)
        {
            throw new BadProviderConfigException(string.IsNullOrWhiteSpace(attribute.StorageName)
                ? $"No default storage provider found loading grain type {activation.GrainId.Type}."
                : $"No storage provider named \"{attribute.StorageName}\" found loading grain type {activation.GrainId.Type}.");
        }
        return (ILoadedState)Activator.CreateInstance(typeof(PersistentState<>).MakeGenericType(stateType), activation, storage, attribute.StateName)!;
    }
}

/// <summary>One record of one activation. Owned by the activation's turns.</summary>
internal sealed partial class PersistentState<TState>(Activation activation, IGrainStorage storage, string name) : IPersistentState<TState>, ILoadedState
{
    private readonly GrainState<TState> _record = new(Activator.CreateInstance<TState>());
    private bool _loaded;

    public TState State
    {
        get => Checked().State;
        set => Checked().State = value;
    }

    public string? Etag => _record.ETag;

    public bool RecordExists => _loaded ? _record.RecordExists : throw new InvalidOperationException("State has not yet been loaded");

    public Task LoadAsync() => ReadStateAsync();

    public async Task ReadStateAsync()
    {
        await DoAsync("ReadStateAsync", () => storage.ReadStateAsync(name, activation.GrainId, Checked()));
        _loaded = true;
    }

    public Task WriteStateAsync() => DoAsync("WriteStateAsync", () => storage.WriteStateAsync(name, activation.GrainId, Checked()));

    public Task ClearStateAsync() => DoAsync("ClearStateAsync", () => storage.ClearStateAsync(name, activation.GrainId, Checked()));

    private GrainState<TState> Checked() => Activation.Current is null
        ? throw new InvalidOperationException("Activation access violation. A non-activation thread attempted to access activation services.")
        : _record;

    private async Task DoAsync(string operation, Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (OrleansException exception)
        {
            LogStorageFailed(activation.Silo.Logger, exception, name, operation, activation.GrainId);
            throw;
        }
        catch (Exception exception)
        {
            LogStorageFailed(activation.Silo.Logger, exception, name, operation, activation.GrainId);
            throw new OrleansException(
                $"Error from storage provider {storage.GetType().Name}.{name} during {operation} for grain {activation.GrainId}{Environment.NewLine} {exception}", exception);
        }
    }

    [LoggerMessage(5, LogLevel.Error, "State {State} of grain {GrainId}: {Operation} failed.")]
    private static partial void LogStorageFailed(ILogger logger, Exception exception, string state, string operation, GrainId grainId);
}
