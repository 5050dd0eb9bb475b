using System.Reflection;
using System.Runtime.CompilerServices;

namespace Muniment.Architecture.Tests.StandIn;

/// <summary>Public members of some assemblies, one a line, in a form that is the same for the stand-in and for Microsoft Orleans.</summary>
internal static class Surface
{
    /// <summary>The members by line. An extension method counts for the type that it extends, whatever class it stands in.</summary>
    public static SortedSet<string> Of(IEnumerable<Assembly> assemblies, bool inherited)
    {
        SortedSet<string> lines = new(StringComparer.Ordinal);
        foreach (Type type in assemblies.SelectMany(assembly => assembly.GetExportedTypes()).Where(IsOrleans))
        {
            if (!IsExtensions(type)) lines.Add(NameOf(type));
            foreach (MemberInfo member in MembersOf(type, inherited))
            {
                foreach (string line in Lines(type, member)) lines.Add(line);
            }
        }
        return lines;
    }

    private static bool IsOrleans(Type type) =>
        type.Namespace is { } name
        && (name == "Orleans" || (name.StartsWith("Orleans.", StringComparison.Ordinal) && name != "Orleans.Local" && !name.StartsWith("Orleans.Local.", StringComparison.Ordinal))
            || name == "Microsoft.Extensions.Hosting");

    private static bool IsExtensions(Type type) => type is { IsAbstract: true, IsSealed: true } && type.IsDefined(typeof(ExtensionAttribute));

    private static IEnumerable<MemberInfo> MembersOf(Type type, bool inherited)
    {
        const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        for (Type? t = type; t is not null && t != typeof(object); t = inherited ? t.BaseType : null)
        {
            foreach (MemberInfo member in t.GetMembers(All)) yield return member;
        }
        if (!inherited) yield break;
        foreach (MemberInfo member in type.GetInterfaces().SelectMany(i => i.GetMembers(All))) yield return member;
    }

    private static IEnumerable<string> Lines(Type type, MemberInfo member)
    {
        if (member.Name.StartsWith('<') || member.IsDefined(typeof(CompilerGeneratedAttribute))) return [];
        string owner = NameOf(type);
        return member switch
        {
            FieldInfo { IsPublic: true } field when type.IsEnum && field.IsLiteral => [$"{owner}.{field.Name} = {field.GetRawConstantValue()}"],
            FieldInfo { IsPublic: true, IsSpecialName: false } field => [$"{owner}.{field.Name} : {NameOf(field.FieldType)}"],
            PropertyInfo property when IsSeen(property.GetMethod) => [$"{owner}.{property.Name} : {NameOf(property.PropertyType)}"],
            ConstructorInfo constructor when IsSeen(constructor) => WithFewer(constructor).Select(parameters => $"{owner}({parameters})"),
            MethodInfo method when IsSeen(method) && !IsObjects(method) && (!method.IsSpecialName || method.Name.StartsWith("op_", StringComparison.Ordinal)) => Method(owner, method),
            _ => [],
        };
    }

    private static IEnumerable<string> Method(string owner, MethodInfo method)
    {
        string to = NameOf(method.ReturnType);
        if (!method.IsDefined(typeof(ExtensionAttribute))) return WithFewer(method).Select(parameters => $"{owner}.{method.Name}({parameters}) : {to}");
        string extended = NameOf(method.GetParameters()[0].ParameterType);
        return WithFewer(method, skip: 1).Select(parameters => $"{extended}.{method.Name}({parameters}) : {to}");
    }

    /// <summary>The parameters, and again without those at the end that a caller may leave out.</summary>
    private static IEnumerable<string> WithFewer(MethodBase method, int skip = 0)
    {
        ParameterInfo[] parameters = method.GetParameters();
        int required = parameters.Count(parameter => !parameter.IsOptional);
        for (int count = parameters.Length; count >= Math.Max(required, skip); count--)
        {
            yield return string.Join(", ", parameters[skip..count].Select(parameter => NameOf(parameter.ParameterType)));
        }
    }

    private static bool IsSeen(MethodBase? method) => method is { IsPublic: true } or { IsFamily: true } or { IsFamilyOrAssembly: true };

    private static bool IsObjects(MethodInfo method) => method.GetBaseDefinition().DeclaringType == typeof(object);

    private static string NameOf(Type type)
    {
        if (type.IsByRef) return NameOf(type.GetElementType()!) + "&";
        if (type.IsArray) return NameOf(type.GetElementType()!) + "[]";
        if (type.IsGenericParameter) return type.Name;
        string name = type.DeclaringType is null ? type.Name : $"{NameOf(type.DeclaringType)}.{type.Name}";
        if (!type.IsGenericType) return name;
        int tick = name.IndexOf('`', StringComparison.Ordinal);
        return $"{(tick < 0 ? name : name[..tick])}<{string.Join(", ", type.GetGenericArguments().Select(NameOf))}>";
    }
}
