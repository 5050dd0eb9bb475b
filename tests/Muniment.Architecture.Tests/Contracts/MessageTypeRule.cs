using System.Collections.Immutable;

namespace Muniment.Architecture.Tests.Contracts;

/// <summary>The white list of what may cross between grains.</summary>
internal static class MessageTypeRule
{
    private static readonly HashSet<Type> Scalars =
    [
        typeof(bool), typeof(byte), typeof(sbyte), typeof(short), typeof(ushort), typeof(int), typeof(uint), typeof(long), typeof(ulong), typeof(float),
        typeof(double), typeof(decimal), typeof(char), typeof(string), typeof(Guid), typeof(DateTime), typeof(DateTimeOffset), typeof(TimeSpan), typeof(DateOnly),
        typeof(TimeOnly), typeof(ReadOnlyMemory<byte>),
    ];

    /// <summary>A message's own rules are checked on the message itself, so one is always allowed as a member.</summary>
    public static bool Allows(Type type) =>
        Scalars.Contains(type)
        || type.IsEnum
        || (Nullable.GetUnderlyingType(type) is { } inner && Allows(inner))
        || (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ImmutableArray<>) && Allows(type.GetGenericArguments()[0]))
        || (type.IsInterface && ContractRules.IsGrainInterface(type))
        || type.FullName == "Orleans.Runtime.GrainId"
        || type.Has(ContractRules.GenerateSerializer);
}
