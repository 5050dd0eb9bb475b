using System.Collections.Concurrent;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using Orleans.Runtime;

namespace Orleans.Local.Activations;

/// <summary>All grain classes of the application: those of the loaded assemblies and of the files beside the executable that refer to this one.</summary>
internal sealed class GrainClasses
{
    private static readonly Lazy<GrainClasses> Found = new(() => new(FindAssemblies().SelectMany(TypesOf)));

    private readonly Dictionary<GrainType, GrainClass> _byGrainType = [];
    private readonly ConcurrentDictionary<Type, GrainClass> _byInterface = [];

    private GrainClasses(IEnumerable<Type> types)
    {
        foreach (Type type in types.Where(type => type is { IsClass: true, IsAbstract: false, IsGenericTypeDefinition: false } && typeof(IGrainBase).IsAssignableFrom(type)))
        {
            GrainClass grainClass = new(type);
            if (!_byGrainType.TryAdd(grainClass.GrainType, grainClass))
            {
                throw new InvalidOperationException($"{type} and {_byGrainType[grainClass.GrainType].Type} have the same grain type \"{grainClass.GrainType}\".");
            }
        }
    }

    /// <summary>The application's classes; found once a process.</summary>
    public static GrainClasses Application => Found.Value;

    public GrainClass Of(GrainType grainType) =>
        _byGrainType.GetValueOrDefault(grainType) ?? throw new ArgumentException($"There is no grain class of type \"{grainType}\".", nameof(grainType));

    /// <summary>The one class that implements an interface.</summary>
    public GrainClass ImplementationOf(Type grainInterface) => _byInterface.GetOrAdd(grainInterface, static (wanted, classes) =>
    {
        GrainClass[] candidates = [.. classes.Values.Where(candidate => wanted.IsAssignableFrom(candidate.Type))];
        return candidates.Length switch
        {
            1 => candidates[0],
            0 => throw new ArgumentException($"Could not find an implementation for interface {wanted}.", nameof(grainInterface)),
            _ => throw new ArgumentException($"{wanted} is implemented by {string.Join(" and ", candidates.Select(c => c.Type))}; ask by GrainId.", nameof(grainInterface)),
        };
    }, _byGrainType);

    private static IEnumerable<Assembly> FindAssemblies()
    {
        string runtime = typeof(GrainClasses).Assembly.GetName().Name!;
        HashSet<Assembly> assemblies = [.. AppDomain.CurrentDomain.GetAssemblies()
            .Where(assembly => !assembly.IsDynamic && assembly.GetReferencedAssemblies().Any(name => name.Name == runtime))];
        foreach (string file in Directory.EnumerateFiles(AppContext.BaseDirectory, "*.dll"))
        {
            string name = Path.GetFileNameWithoutExtension(file);
            if (name.StartsWith("System.", StringComparison.Ordinal) || name.StartsWith("Microsoft.", StringComparison.Ordinal) || !RefersTo(file, runtime)) continue;
            assemblies.Add(Assembly.Load(name));
        }
        return assemblies;
    }

    private static bool RefersTo(string file, string name)
    {
        using PEReader reader = new(File.OpenRead(file));
        if (!reader.HasMetadata) return false;
        MetadataReader metadata = reader.GetMetadataReader();
        return metadata.AssemblyReferences.Any(handle => metadata.StringComparer.Equals(metadata.GetAssemblyReference(handle).Name, name));
    }

    private static IEnumerable<Type> TypesOf(Assembly assembly)
    {
        try
        {
            return assembly.GetTypes();
        }
        catch (ReflectionTypeLoadException incomplete)
        {
            return incomplete.Types.OfType<Type>();
        }
    }
}
