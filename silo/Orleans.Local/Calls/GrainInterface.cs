using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Reflection;

namespace Orleans.Local.Calls;

/// <summary>The methods of a grain interface, read once.</summary>
internal sealed class GrainInterface
{
    private static readonly ConcurrentDictionary<Type, GrainInterface> Known = [];

    private readonly FrozenDictionary<MethodInfo, GrainMethod> _methods;

    private GrainInterface(Type type)
    {
        if (!type.IsInterface) throw new ArgumentException($"{type} is not an interface.", nameof(type));
        if (!type.IsVisible) throw new NotSupportedException($"{type} must be public: the code generator of Microsoft Orleans refuses other interfaces.");
        if (type.IsGenericType) throw new NotSupportedException($"{type} must not be generic: its type id would be fragile.");
        _methods = type.GetInterfaces().Append(type).SelectMany(i => i.GetMethods()).ToFrozenDictionary(method => method, GrainMethod.Create);
    }

    public GrainMethod this[MethodInfo method] => _methods[method];

    public static GrainInterface Of(Type type) => Known.GetOrAdd(type, static t => new(t));
}
