using System.Text.RegularExpressions;

namespace Muniment.Architecture.Tests.Contracts;

/// <summary>What leaves a grain's turn, blocks it, or cannot be tested, found in the sources. (The analyzer of banned symbols sees more overloads; this sees every project.)</summary>
public sealed partial class SourceTests
{
    [Fact]
    public void Nothing_in_grains_leaves_its_turn()
    {
        string[] findings = [.. Repository.Sources("grains").SelectMany(file => Lines(File.ReadAllText(file)).Select(line => $"{Path.GetRelativePath(Repository.Root, file)}: {line}"))];
        Assert.Empty(findings);
    }

    [Theory]
    [InlineData("await x.ConfigureAwait(false);")]
    [InlineData("await Task.Run(() => 1);")]
    [InlineData("Thread.Sleep(1);")]
    [InlineData("var y = DoAsync().Result;")]
    [InlineData("DoAsync().Wait();")]
    [InlineData("DoAsync().GetAwaiter().GetResult();")]
    [InlineData("var t = DateTime.UtcNow;")]
    [InlineData("var t = DateTimeOffset.Now;")]
    [InlineData("await Task.Delay(5);")]
    [InlineData("await Parallel.ForEachAsync(a, b);")]
    [InlineData("x.ContinueWith(y);")]
    public void Each_is_found(string line) => Assert.Single(Lines(line));

    [Theory]
    [InlineData("// await Task.Run(() => 1);")]
    [InlineData("/// <see cref=\"DateTime.UtcNow\"/>")]
    [InlineData("if (e.Result is null) return;")]
    [InlineData("await Task.Delay(period, time, token);")]
    [InlineData("await Task.WhenAll(a, b);")]
    public void Others_are_not(string line) => Assert.Empty(Lines(line));

    private static IEnumerable<string> Lines(string source) =>
        source.Split('\n').Select(line => line.Trim()).Where(line => !line.StartsWith("//", StringComparison.Ordinal) && Forbidden().IsMatch(line));

    [GeneratedRegex(
        @"\.ConfigureAwait\(|\bTask\.Run\(|\bThread\.Sleep\(|\)\.Result\b|\.Wait\(\)|\.GetResult\(\)|\bDateTime(Offset)?\.(Utc)?Now\b|\bTask\.Delay\([^,]*\)|\bParallel\.|\.ContinueWith\(")]
    private static partial Regex Forbidden();
}
