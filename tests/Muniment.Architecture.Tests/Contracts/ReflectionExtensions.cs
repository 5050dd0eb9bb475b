using System.Reflection;
using System.Runtime.CompilerServices;

namespace Muniment.Architecture.Tests.Contracts;

/// <summary>Attributes by name, so that the rules read real Orleans, the stand-in and the planted faults alike.</summary>
internal static class ReflectionExtensions
{
    public const BindingFlags Declared = BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    public static bool Has(this ICustomAttributeProvider provider, string attribute) => provider.Find(attribute) is not null;

    public static object? First(this ICustomAttributeProvider provider, string attribute) => provider.Find(attribute)?.ConstructorArguments.FirstOrDefault().Value;

    public static bool IsGenerated(this MemberInfo member) =>
        member.Name.StartsWith('<') || member.CustomAttributes.Any(a => a.AttributeType == typeof(CompilerGeneratedAttribute) || a.AttributeType.Name == "GeneratedCodeAttribute");

    /// <summary>Types that people wrote.</summary>
    public static IEnumerable<Type> Written(this IEnumerable<Type> types) => types.Where(type =>
    {
        for (Type? t = type; t is not null; t = t.DeclaringType)
        {
            if (t.IsGenerated() || t.Namespace?.StartsWith("OrleansCodeGen", StringComparison.Ordinal) == true) return false;
        }
        return true;
    });

    private static CustomAttributeData? Find(this ICustomAttributeProvider provider, string attribute)
    {
        IEnumerable<CustomAttributeData> all = provider switch
        {
            MemberInfo member => member.GetCustomAttributesData(),
            ParameterInfo parameter => parameter.GetCustomAttributesData(),
            _ => [],
        };
        return all.FirstOrDefault(data => data.AttributeType.FullName == attribute);
    }
}
