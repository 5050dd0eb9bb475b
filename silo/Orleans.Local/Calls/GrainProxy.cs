using System.Reflection;
using Orleans.Local.Activations;
using Orleans.Runtime;

namespace Orleans.Local.Calls;

/// <summary>A grain reference: an object of a generated class that implements the grain interface and passes every call here.</summary>
public class GrainProxy : DispatchProxy, IAddressable
{
    private GrainInterface _interface = null!;

    internal GrainId GrainId { get; private set; }

    internal CallOrigin Origin { get; private set; } = null!;

    /// <summary>Set by a test that forced a duplicate: calls go to this activation as long as it lives.</summary>
    internal Activation? Pinned { get; private set; }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is GrainProxy other && other.GrainId == GrainId;

    /// <inheritdoc/>
    public override int GetHashCode() => GrainId.GetHashCode();

    /// <inheritdoc/>
    public override string ToString() => $"GrainReference:{GrainId}";

    internal static object Create(Type grainInterface, GrainId grainId, CallOrigin origin, Activation? pinned = null)
    {
        GrainInterface described = GrainInterface.Of(grainInterface);
        GrainProxy proxy = (GrainProxy)Create(grainInterface, typeof(GrainProxy));
        (proxy._interface, proxy.GrainId, proxy.Origin, proxy.Pinned) = (described, grainId, origin, pinned);
        return proxy;
    }

    internal object As(Type grainInterface) => grainInterface.IsInstanceOfType(this) ? this : Create(grainInterface, GrainId, Origin, Pinned);

    /// <inheritdoc/>
    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => _interface[targetMethod!].Call(this, args ?? []);
}
