using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Muniment.Architecture.Tests.Layers;

/// <summary>What a compiled room refers to, read from its metadata.</summary>
internal sealed record CompiledRoom(string[] Assemblies, string[] Types)
{
    public static CompiledRoom? Read(string room)
    {
        string file = Path.Combine(AppContext.BaseDirectory, Rooms.AssemblyOf(room) + ".dll");
        return File.Exists(file) ? ReadFile(file) : null;
    }

    public static CompiledRoom ReadFile(string file)
    {
        using PEReader reader = new(File.OpenRead(file));
        MetadataReader metadata = reader.GetMetadataReader();
        return new(
            [.. metadata.AssemblyReferences.Select(handle => metadata.GetString(metadata.GetAssemblyReference(handle).Name))],
            [.. metadata.TypeReferences.Select(handle => NameOf(metadata, handle))]);
    }

    private static string NameOf(MetadataReader metadata, TypeReferenceHandle handle)
    {
        TypeReference type = metadata.GetTypeReference(handle);
        return $"{metadata.GetString(type.Namespace)}.{metadata.GetString(type.Name)}";
    }
}
