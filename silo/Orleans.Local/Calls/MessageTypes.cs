using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Reflection;
using Orleans.Runtime;

namespace Orleans.Local.Calls;

/// <summary>
/// What may cross between grains. There is no copying here, so only types that cannot change are let through; each of them also has a codec in Microsoft
/// Orleans. A method with another type throws at its first call, as a missing codec would. Found once a method, so a call pays nothing.
/// </summary>
internal static class MessageTypes
{
    private static readonly HashSet<Type> Scalars =
    [
        typeof(bool), typeof(byte), typeof(sbyte), typeof(short), typeof(ushort), typeof(int), typeof(uint), typeof(long), typeof(ulong), typeof(float),
        typeof(double), typeof(decimal), typeof(char), typeof(string), typeof(Guid), typeof(DateTime), typeof(DateTimeOffset), typeof(TimeSpan), typeof(DateOnly),
        typeof(TimeOnly), typeof(Int128), typeof(UInt128), typeof(GrainId), typeof(ReadOnlyMemory<byte>), typeof(Nothing),
    ];

    private static readonly ConcurrentDictionary<Type, string?> Judged = [];

    /// <summary>Null when every parameter and the result may cross, else one sentence.</summary>
    public static string? WhyRefused(MethodInfo method)
    {
        if (method.DeclaringType!.Assembly == typeof(MessageTypes).Assembly) return null;
        ParameterInfo[] parameters = method.GetParameters();
        IEnumerable<(string Where, Type Type)> types = parameters
            .Where((parameter, i) => parameter.ParameterType != typeof(CancellationToken) || i != parameters.Length - 1)
            .Select(parameter => ($"parameter \"{parameter.Name}\"", parameter.ParameterType));
        if (method.ReturnType.IsGenericType) types = types.Append(("the result", method.ReturnType.GetGenericArguments()[0]));
        foreach ((string where, Type type) in types)
        {
            if (WhyRefused(type) is { } why) return $"{method.DeclaringType}.{method.Name}, {where}: {why}.";
        }
        return null;
    }

    private static string? WhyRefused(Type type)
    {
        if (Judged.TryGetValue(type, out string? known)) return known;
        // A type that contains itself is judged by its other members.
        Judged[type] = null;
        return Judged[type] = Judge(type);
    }

    private static string? Judge(Type type)
    {
        if (Scalars.Contains(type) || type.IsEnum) return null;
        if (Nullable.GetUnderlyingType(type) is { } inner) return WhyRefused(inner);
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ImmutableArray<>)) return WhyRefused(type.GetGenericArguments()[0]);
        if (type.IsInterface && typeof(IAddressable).IsAssignableFrom(type)) return null;
        if (!type.IsDefined(typeof(GenerateSerializerAttribute), inherit: false)) return $"{type} has no [GenerateSerializer] and is not on the list of immutable types";
        if (!type.IsDefined(typeof(ImmutableAttribute), inherit: false)) return $"{type} is not [Immutable], and the stand-in copies nothing";
        if (type is { IsValueType: false, IsSealed: false }) return $"{type} is not sealed, so an instance may be of a type that is not immutable";
        foreach (FieldInfo field in type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic))
        {
            if (!field.IsInitOnly) return $"{type}.{field.Name} can be written";
            if (WhyRefused(field.FieldType) is { } why) return $"{type}.{field.Name}: {why}";
        }
        return null;
    }
}
