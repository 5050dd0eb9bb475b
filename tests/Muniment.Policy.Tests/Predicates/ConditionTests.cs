using static Muniment.Policy.Tests.Predicates.Sample;

namespace Muniment.Policy.Tests.Predicates;

public sealed class ConditionTests
{
    /// <summary>yes matches, no does not; _hidden matches.</summary>
    private static string Document(string condition) =>
        $$"""{"yes1":{"result":"denied"},"yes2":{"action":"file.*"},"no1":{"result":"allowed"},"no2":{"risk":"low"},"_hidden":{"result":"allowed"},"condition":{{condition}}}""";

    [Theory]
    [InlineData("yes1", true)]
    [InlineData("no1", false)]
    [InlineData("not no1", true)]
    [InlineData("NOT no1 AND yes1", true)]
    [InlineData("not not yes1", true)]
    [InlineData("yes1 and no1", false)]
    [InlineData("yes1 or no1", true)]
    [InlineData("yes1 or no1 and no2", true)]
    [InlineData("no1 and no2 or yes1", true)]
    [InlineData("(yes1 or no1) and no2", false)]
    [InlineData("not no1 and no2", false)]
    [InlineData("not (no1 and no2)", true)]
    [InlineData("not no1 or no2", true)]
    [InlineData("1 of yes*", true)]
    [InlineData("all of yes*", true)]
    [InlineData("1 of no*", false)]
    [InlineData("any of *1", true)]
    [InlineData("all of *1", false)]
    [InlineData("1 of them", true)]
    [InlineData("all of them", false)]
    [InlineData("1 of yes1", true)]
    [InlineData("yes1 and not 1 of no*", true)]
    [InlineData("((((yes1))))", true)]
    [InlineData("_hidden or yes1", true)]
    public void Conditions(string condition, bool expected) => Assert.Equal(expected, Matches(Document(Quote(condition))));

    [Fact]
    public void ThemLeavesOutNamesWithUnderscore() =>
        Assert.True(Matches("""{"a":{"result":"denied"},"_b":{"result":"allowed"},"condition":"all of them"}"""));

    [Fact]
    public void AListOfConditionsIsAnOr() => Assert.True(Matches(Document("""["no1","yes1"]""")));

    [Theory]
    [InlineData("", "the end")]
    [InlineData("yes1 and", "the end")]
    [InlineData("yes1 yes2", "'yes2'")]
    [InlineData("(yes1", ")")]
    [InlineData("yes1)", "')'")]
    [InlineData("maybe", "unknown selection 'maybe'")]
    [InlineData("2 of yes*", "'2'")]
    [InlineData("1 of maybe*", "maybe*")]
    [InlineData("1 of", "them or a pattern")]
    [InlineData("yes1 | count() > 5", "aggregations")]
    [InlineData("yes1 && no1", "'&'")]
    [InlineData("and", "unknown selection 'and'")]
    public void WrongConditionsAreNamed(string condition, string named)
    {
        string error = Error(Document(Quote(condition)));
        Assert.Contains(named, error, StringComparison.Ordinal);
        Assert.StartsWith("where.condition:", error, StringComparison.Ordinal);
    }

    [Fact]
    public void NestingIsBounded()
    {
        Assert.Contains("32", Error(Document(Quote(new string('(', 1000) + "yes1"))), StringComparison.Ordinal);
        Assert.Contains("32", Error(Document(Quote(string.Concat(Enumerable.Repeat("not ", 400)) + "yes1"))), StringComparison.Ordinal);
        Assert.Contains("2048", Error(Document(Quote(new string('x', 3000)))), StringComparison.Ordinal);
    }
}
