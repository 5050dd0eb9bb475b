using System.Reflection;

namespace Muniment.Architecture.Tests.StandIn;

/// <summary>
/// Whoever writes against the stand-in writes against Orleans: every public member of the stand-in stands in a checked-in list, and every line of that list
/// exists in Microsoft Orleans. The first is checked in builds on the stand-in, the second in builds on Microsoft Orleans.
/// </summary>
public sealed class SurfaceTests
{
    private static string ListFile => Path.Combine(Repository.Root, "tests/Muniment.Architecture.Tests/StandIn/surface.txt");

#if ORLEANS_LOCAL
    [Fact]
    public void Every_member_of_the_stand_in_stands_in_the_list()
    {
        SortedSet<string> own = Surface.Of([Assembly.Load("Orleans.Local")], inherited: false);
        if (Environment.GetEnvironmentVariable("WRITE_SURFACE") == "1") File.WriteAllLines(ListFile, own);
        Assert.Equal(File.ReadAllLines(ListFile), own);
        Assert.Contains("Grain.DeactivateOnIdle() : Void", own);
    }
#else
    [Fact]
    public void Every_line_of_the_list_exists_in_Orleans()
    {
        SortedSet<string> real = Surface.Of(
            Directory.EnumerateFiles(AppContext.BaseDirectory, "Orleans.*.dll").Select(file => Assembly.Load(Path.GetFileNameWithoutExtension(file))), inherited: true);
        Assert.Empty(File.ReadAllLines(ListFile).Except(real));
    }
#endif
}
