using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Concurrency;
using Orleans.Configuration;
using Orleans.Local.State;
using Orleans.Placement;
using Orleans.Runtime;

namespace Orleans.Local.Activations;

/// <summary>What there is to know of a grain class, read once.</summary>
internal sealed class GrainClass
{
    private readonly ObjectFactory _factory;
    private readonly (PersistentStateAttribute Attribute, Type StateType)[] _states;
    private readonly TimeSpan? _collectionAge;

    public GrainClass(Type type)
    {
        Type = type;
        GrainType = type.GetCustomAttribute<GrainTypeAttribute>()?.GetGrainType(null!, type) ?? GrainType.Create(DefaultName(type));
        IsReentrant = type.IsDefined(typeof(ReentrantAttribute));
        PrefersCaller = type.IsDefined(typeof(PreferLocalPlacementAttribute));
        _collectionAge = type.IsDefined(typeof(KeepAliveAttribute)) ? Timeout.InfiniteTimeSpan : type.GetCustomAttribute<CollectionAgeLimitAttribute>()?.AgeLimit;
        ConstructorInfo[] constructors = type.GetConstructors();
        if (constructors.Length != 1) throw new InvalidOperationException($"Grain class {type} must have exactly one public constructor.");
        _states = [.. constructors[0].GetParameters()
            .Select(parameter => (Attribute: parameter.GetCustomAttribute<PersistentStateAttribute>(), parameter.ParameterType))
            .Where(state => state.Attribute is not null)
            .Select(state => (state.Attribute!, StateTypeOf(state.ParameterType)))];
        _factory = ActivatorUtilities.CreateFactory(type, [.. _states.Select(state => typeof(IPersistentState<>).MakeGenericType(state.StateType))]);
    }

    public Type Type { get; }

    public GrainType GrainType { get; }

    public bool IsReentrant { get; }

    public bool PrefersCaller { get; }

    public TimeSpan CollectionAge(GrainCollectionOptions options) =>
        options.ClassSpecificCollectionAge.TryGetValue(Type.FullName!, out TimeSpan configured) ? configured : _collectionAge ?? options.CollectionAge;

    /// <summary>Makes the object and the states that its constructor asks for; the states are not loaded yet.</summary>
    public (object Grain, IReadOnlyList<ILoadedState> States) Create(Activation activation)
    {
        try
        {
            ILoadedState[] states = [.. _states.Select(state => PersistentState.Create(activation, state.Attribute, state.StateType))];
            return (_factory(activation.ActivationServices, states), states);
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException($"Failed to create an instance of grain type '{Type}'. See InnerException for details.", exception);
        }
    }

    private static string DefaultName(Type type)
    {
        string name = type.Name.ToLowerInvariant();
        return name.EndsWith("grain", StringComparison.Ordinal) && name.Length > 5 ? name[..^5] : name;
    }

    private static Type StateTypeOf(Type parameter) =>
        parameter.IsGenericType && parameter.GetGenericTypeDefinition() == typeof(IPersistentState<>)
            ? parameter.GetGenericArguments()[0]
            : throw new InvalidOperationException($"[PersistentState] belongs on a parameter of type IPersistentState<T>, not {parameter}.");
}
