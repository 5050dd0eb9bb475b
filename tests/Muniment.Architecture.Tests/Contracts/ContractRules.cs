using System.Reflection;
using System.Reflection.Metadata;

namespace Muniment.Architecture.Tests.Contracts;

/// <summary>
/// The traps in which code compiles and runs in one process and breaks on a cluster, or on real Orleans, as far as reflection can see them. Each rule has
/// at least one planted fault (Muniment.Architecture.Planted) that it must find.
/// </summary>
internal static class ContractRules
{
    public const string GenerateSerializer = "Orleans.GenerateSerializerAttribute";
    private const string Immutable = "Orleans.ImmutableAttribute";
    private const string Id = "Orleans.IdAttribute";
    private const string Alias = "Orleans.AliasAttribute";
    private const string GrainType = "Orleans.GrainTypeAttribute";
    private const string PersistentState = "Orleans.Runtime.PersistentStateAttribute";

    private static readonly string[] MethodAttributes =
    [
        "Orleans.Concurrency.AlwaysInterleaveAttribute", "Orleans.Concurrency.ReadOnlyAttribute", "Orleans.Concurrency.OneWayAttribute", "Orleans.ResponseTimeoutAttribute",
        Alias,
    ];

    /// <summary>Services that are not there in a silo-only process, or do I/O that is not the grain's business.</summary>
    private static readonly string[] ForbiddenServices = ["Microsoft.AspNetCore.", "System.Net.", "System.Data.", "Npgsql.", "Microsoft.Data.", "Muniment.Gateway."];

    private static readonly string[] MutableCollections =
        ["Dictionary`2", "List`1", "HashSet`1", "Queue`1", "Stack`1", "SortedDictionary`2", "ConcurrentDictionary`2", "ConcurrentQueue`1", "ConcurrentBag`1", "ConcurrentStack`1"];

    public static bool IsGrainInterface(Type type) => type.IsInterface && type.GetInterfaces().Any(i => i.FullName == "Orleans.Runtime.IAddressable");

    public static bool IsGrainClass(Type type) => type is { IsClass: true, IsAbstract: false } && type.GetInterfaces().Any(i => i.FullName == "Orleans.IGrainBase");

    /// <summary>Applies all rules to some types.</summary>
    public static IReadOnlyList<Finding> Check(IEnumerable<Type> allTypes)
    {
        Type[] types = [.. allTypes.Written()];
        Type[] states = [.. types.Where(IsGrainClass).SelectMany(StatesOf)];
        Type[] messages = [.. types.Where(type => !states.Contains(type) && (type.Has(GenerateSerializer) || type.Has(Immutable)))];
        Type[] interfaces = [.. types.Where(IsGrainInterface)];
        Type[] classes = [.. types.Where(IsGrainClass)];
        return
        [
            .. messages.SelectMany(Message),
            .. Duplicates("message-alias-duplicate", messages, Alias),
            .. interfaces.SelectMany(Interface),
            .. Duplicates("interface-alias-duplicate", interfaces, Alias),
            .. classes.SelectMany(GrainClass),
            .. Duplicates("class-grain-type-duplicate", classes, GrainType),
            .. types.Where(type => type.IsSubclassOf(typeof(Exception))).SelectMany(ExceptionType),
        ];
    }

    /// <summary>Static state: it works in one process and breaks in a cluster. In grains a static collection that could change counts, too.</summary>
    public static IEnumerable<Finding> Statics(Type type, bool collections) => type.GetFields(ReflectionExtensions.Declared)
        .Where(field => field.IsStatic && !field.IsLiteral && !field.IsGenerated() && !field.CustomAttributes.Any(a => a.AttributeType == typeof(ThreadStaticAttribute)))
        .Where(field => !field.IsInitOnly || (collections && MutableCollections.Contains(field.FieldType.Name)))
        .Select(field => new Finding("class-static", type, $"{field.Name} is static state that can change"));

    private static IEnumerable<Finding> Message(Type type)
    {
        Finding Found(string rule, string what) => new(rule, type, what);
        if (!type.Has(GenerateSerializer)) yield return Found("message-serializer", "[GenerateSerializer] is missing");
        if (!type.Has(Alias)) yield return Found("message-alias-missing", "[Alias] is missing, so a rename breaks the wire");
        if (!type.IsVisible) yield return Found("message-hidden", "is not public; the code generator refuses it (ORLEANS0107)");
        if (type.IsEnum) yield break;
        if (!type.Has(Immutable)) yield return Found("message-mutable", "[Immutable] is missing; the stand-in copies nothing");
        if (type.IsGenericTypeDefinition) yield return Found("message-generic", "is generic; its type id is fragile");
        if (type is { IsValueType: false, IsSealed: false }) yield return Found("message-open", "is not sealed");

        PropertyInfo[] properties = [.. type.GetProperties(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic).Where(property => IsStored(type, property))];
        FieldInfo[] fields = [.. type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic).Where(field => !field.Name.StartsWith('<'))];
        List<(MemberInfo Member, Type Type, bool Settable)> members =
        [
            .. properties.Select(property => ((MemberInfo)property, property.PropertyType, IsSettable(property))),
            .. fields.Select(field => ((MemberInfo)field, field.FieldType, !field.IsInitOnly)),
        ];
        foreach ((MemberInfo member, Type memberType, bool settable) in members)
        {
            if (!member.Has(Id)) yield return Found("message-id-missing", $"{member.Name} has no [Id] (on a record: [property: Id(n)]), so its number is its position");
            if (settable) yield return Found("message-settable", $"{member.Name} can be written");
            if (!MessageTypeRule.Allows(memberType)) yield return Found("message-member-type", $"{member.Name} is of type {memberType}, which may not cross");
        }
        foreach (IGrouping<object?, MemberInfo> same in members.Select(m => m.Member).Where(m => m.Has(Id)).GroupBy(m => m.First(Id)).Where(g => g.Count() > 1))
        {
            yield return Found("message-id-duplicate", $"{string.Join(" and ", same.Select(m => m.Name))} have the same [Id({same.Key})]");
        }
    }

    private static IEnumerable<Finding> Interface(Type type)
    {
        Finding Found(string rule, string what) => new(rule, type, what);
        if (!type.IsVisible) yield return Found("interface-hidden", "is not public; the code generator refuses it (ORLEANS0107)");
        if (type.IsGenericTypeDefinition) yield return Found("interface-generic", "is generic; its type id is fragile");
        if (!type.Has(Alias)) yield return Found("interface-alias", "[Alias] is missing, so a rename breaks the wire");
        if (type.GetProperties().Length + type.GetEvents().Length > 0) yield return Found("interface-property", "has properties or events");
        MethodInfo[] methods = [.. type.GetMethods().Where(method => !method.IsSpecialName)];
        foreach (MethodInfo method in methods)
        {
            if (!method.Has(Alias)) yield return Found("interface-method-alias", $"{method.Name} has no [Alias]; its id changes with its parameters");
            if (method.IsGenericMethodDefinition) yield return Found("interface-method-generic", $"{method.Name} is generic");
            Type? result = ResultOf(method.ReturnType);
            if (result is null) yield return Found("interface-return", $"{method.Name} returns {method.ReturnType}; expected Task, Task<T>, ValueTask or ValueTask<T>");
            else if (result != typeof(void) && !MessageTypeRule.Allows(result)) yield return Found("interface-type", $"{method.Name} gives {result}, which may not cross");
            ParameterInfo[] parameters = method.GetParameters();
            for (int i = 0; i < parameters.Length; i++)
            {
                Type parameter = parameters[i].ParameterType;
                if (parameter.IsByRef) yield return Found("interface-by-ref", $"{method.Name}: {parameters[i].Name} is ref, in or out");
                else if (parameter == typeof(CancellationToken))
                {
                    if (i != parameters.Length - 1) yield return Found("interface-token", $"{method.Name}: a CancellationToken is allowed once, as the last parameter");
                }
                else if (!MessageTypeRule.Allows(parameter)) yield return Found("interface-type", $"{method.Name}: {parameters[i].Name} is of type {parameter}, which may not cross");
            }
        }
        foreach (IGrouping<object?, MethodInfo> same in methods.Where(m => m.Has(Alias)).GroupBy(m => m.First(Alias)).Where(g => g.Count() > 1))
        {
            yield return Found("interface-method-alias-duplicate", $"several methods have the alias \"{same.Key}\"");
        }
    }

    private static IEnumerable<Finding> GrainClass(Type type)
    {
        Finding Found(string rule, string what) => new(rule, type, what);
        if (!type.Has(GrainType)) yield return Found("class-grain-type", "[GrainType] is missing, so a rename changes the identity of its grains");
        ConstructorInfo[] constructors = type.GetConstructors();
        if (constructors.Length != 1) yield return Found("class-constructors", $"has {constructors.Length} public constructors; expected one");
        foreach (ParameterInfo parameter in constructors.SelectMany(constructor => constructor.GetParameters()))
        {
            string service = parameter.ParameterType.FullName ?? parameter.ParameterType.Name;
            if (ForbiddenServices.Any(prefix => service.StartsWith(prefix, StringComparison.Ordinal)))
            {
                yield return Found("class-service", $"its constructor asks for {service}");
            }
        }
        foreach (Type state in StatesOf(type).Where(state => state.IsClass && state.GetConstructor(Type.EmptyTypes) is null))
        {
            yield return Found("class-state", $"its state {state} has no public constructor without parameters");
        }
        foreach (MethodInfo method in type.GetMethods(ReflectionExtensions.Declared))
        {
            foreach (string attribute in MethodAttributes.Where(attribute => method.Has(attribute)))
            {
                yield return Found("class-attribute", $"{method.Name} has [{attribute}]; it works only on the interface (ORLEANS0001, 0013)");
            }
        }
        foreach (string called in constructors.SelectMany(Called.By).Where(name => name is "GetGrain" or "RegisterGrainTimer" or "RegisterOrUpdateReminder").Distinct())
        {
            yield return Found("class-constructor-work", $"its constructor calls {called}; do it in OnActivateAsync");
        }
        foreach (Finding finding in Statics(type, collections: true)) yield return finding;
    }

    private static IEnumerable<Finding> ExceptionType(Type type) => type.GetFields(ReflectionExtensions.Declared)
        .Where(field => !field.IsStatic)
        .Select(field => new Finding("exception-fields", type, $"{field.Name} is lost between silos; expected failures are return values, exceptions carry text only"));

    private static IEnumerable<Finding> Duplicates(string rule, IEnumerable<Type> types, string attribute) => types
        .Where(type => type.Has(attribute))
        .GroupBy(type => type.First(attribute))
        .Where(group => group.Count() > 1)
        .SelectMany(group => group.Select(type => new Finding(rule, type, $"\"{group.Key}\" is also used by {string.Join(", ", group.Where(t => t != type).Select(t => t.Name))}")));

    private static IEnumerable<Type> StatesOf(Type grainClass) => grainClass.GetConstructors()
        .SelectMany(constructor => constructor.GetParameters())
        .Where(parameter => parameter.Has(PersistentState) && parameter.ParameterType.IsGenericType)
        .Select(parameter => parameter.ParameterType.GetGenericArguments()[0]);

    private static bool IsStored(Type type, PropertyInfo property) =>
        type.GetField($"<{property.Name}>k__BackingField", BindingFlags.Instance | BindingFlags.NonPublic) is not null;

    private static bool IsSettable(PropertyInfo property) =>
        property.SetMethod is { } set && !set.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(System.Runtime.CompilerServices.IsExternalInit));

    private static Type? ResultOf(Type returned)
    {
        if (returned == typeof(Task) || returned == typeof(ValueTask)) return typeof(void);
        if (!returned.IsGenericType) return null;
        Type open = returned.GetGenericTypeDefinition();
        return open == typeof(Task<>) || open == typeof(ValueTask<>) ? returned.GetGenericArguments()[0] : null;
    }

    /// <summary>What a method calls, read from its code.</summary>
    private static class Called
    {
        public static IEnumerable<string> By(MethodBase method)
        {
            if (method.GetMethodBody()?.GetILAsByteArray() is not { } code) yield break;
            // Any byte may be an operand rather than an instruction; a token that does not name a method is skipped.
            for (int i = 0; i + 5 <= code.Length; i++)
            {
                if (code[i] != (byte)ILOpCode.Call && code[i] != (byte)ILOpCode.Callvirt) continue;
                string? name = null;
                try
                {
                    name = method.Module.ResolveMethod(BitConverter.ToInt32(code, i + 1), method.DeclaringType?.GetGenericArguments(), null)?.Name;
                }
                catch (ArgumentException)
                {
                    // An operand.
                }
                if (name is not null) yield return name;
            }
        }
    }
}
