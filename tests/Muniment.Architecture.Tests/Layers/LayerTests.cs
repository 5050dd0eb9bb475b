using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Muniment.Architecture.Tests.Layers;

/// <summary>Project files, namespaces and compiled assemblies follow the table "Rooms"; any other arrow is refused.</summary>
public sealed partial class LayerTests
{
    public static TheoryData<string> All => [.. ProjectFiles().Keys];

    [Fact]
    public void Every_project_is_a_room_of_the_table() => Assert.Empty(ProjectFiles().Keys.Except(Rooms.MayUse.Keys));

    [Theory]
    [MemberData(nameof(All))]
    public void A_project_file_refers_only_to_what_it_may_use(string room)
    {
        string[] referred = [.. XDocument.Load(ProjectFiles()[room]).Descendants("ProjectReference").Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value))];
        Assert.Empty(referred.Except(Rooms.MayUse[room]));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Only_some_rooms_use_Orleans(string room)
    {
        XDocument project = XDocument.Load(ProjectFiles()[room]);
        Assert.Equal(Rooms.UseOrleans.Contains(room), project.Descendants("UsesOrleans").Any());
        Assert.DoesNotContain(project.Descendants("PackageReference"), package => package.Attribute("Include")!.Value.StartsWith("Microsoft.Orleans", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Sources_name_only_namespaces_they_may_use(string room)
    {
        string[] allowed = [room, .. Rooms.MayName(room)];
        string folder = Path.GetRelativePath(Repository.Root, Path.GetDirectoryName(ProjectFiles()[room])!);
        foreach (string file in Repository.Sources(folder))
        {
            foreach (Match match in Namespace().Matches(File.ReadAllText(file)))
            {
                Assert.True(allowed.Contains(match.Groups[1].Value), $"{Path.GetRelativePath(Repository.Root, file)} uses {match.Groups[1].Value}, which {room} may not.");
            }
        }
    }

    [SkippableTheory]
    [MemberData(nameof(All))]
    public void A_compiled_room_refers_only_to_what_it_may_use(string room)
    {
        CompiledRoom? compiled = CompiledRoom.Read(room);
        Skip.If(compiled is null, $"{room} is not part of this build (the stand-in is only in the local one).");
        Assert.Empty(compiled.Assemblies.Where(name => name.StartsWith("Muniment.", StringComparison.Ordinal)).Except(Rooms.MayName(room)));
        if (!Rooms.UseOrleans.Contains(room)) Assert.DoesNotContain(compiled.Assemblies, name => name.StartsWith("Orleans.", StringComparison.Ordinal));
        if (Rooms.WithoutWeb.Contains(room)) Assert.DoesNotContain(compiled.Assemblies, name => name.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal));
        if (Rooms.Pure.Contains(room)) Assert.DoesNotContain(compiled.Types, DoesInputOrOutput);
        if (room == "Muniment.Gateway") Assert.DoesNotContain("Muniment.Journal.IJournalWriter", compiled.Types);
    }

    [Fact]
    public void The_reader_of_compiled_rooms_sees_what_is_there()
    {
        CompiledRoom here = CompiledRoom.ReadFile(typeof(LayerTests).Assembly.Location);
        Assert.Contains("xunit.assert", here.Assemblies);
        Assert.Contains("System.IO.File", here.Types);
        Assert.Contains(here.Types, DoesInputOrOutput);
    }

    [Fact]
    public void Every_project_stands_in_the_solution()
    {
        string solution = File.ReadAllText(Path.Combine(Repository.Root, "Platform.sln"));
        string[] projects = [.. Directory.EnumerateFiles(Repository.Root, "*.csproj", SearchOption.AllDirectories)
            .Where(file => !file.Contains("/artifacts/", StringComparison.Ordinal) && !file.Contains("/scripts/", StringComparison.Ordinal))
            .Select(Path.GetFileName).OfType<string>()];
        Assert.All(projects, project => Assert.Contains(project, solution, StringComparison.Ordinal));
    }

    private static bool DoesInputOrOutput(string type) =>
        (type.StartsWith("System.Net.", StringComparison.Ordinal) && type is not ("System.Net.IPAddress" or "System.Net.IPNetwork"))
        || type.StartsWith("System.Data.", StringComparison.Ordinal)
        || type.StartsWith("Microsoft.Data.", StringComparison.Ordinal)
        || type is "System.IO.File" or "System.IO.FileStream" or "System.IO.FileInfo" or "System.IO.Directory" or "System.IO.DirectoryInfo" or "System.IO.RandomAccess"
            or "System.Diagnostics.Process" or "System.Console";

    private static Dictionary<string, string> ProjectFiles() => new[] { "grains", "silo", "gateway" }
        .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*.csproj", SearchOption.AllDirectories))
        .ToDictionary(file => Path.GetFileNameWithoutExtension(file));

    [GeneratedRegex(@"^\s*(?:global )?using (?:static )?(?:\w+ = )?(Muniment\.\w+)", RegexOptions.Multiline)]
    private static partial Regex Namespace();
}
