namespace Muniment.Journal.Tests.Faults;

public class FailpointsTests
{
    [Fact]
    public void Every_point_of_the_journal_is_listed_with_a_sentence()
    {
        IEnumerable<string> constants = typeof(Failpoints).GetFields().Where(f => f.IsLiteral && f.Name != nameof(Failpoints.Variable)).Select(f => (string)f.GetRawConstantValue()!);
        Assert.All(constants, name => Assert.NotEmpty(Failpoints.All[name]));
    }

    [Fact]
    public void Unarmed_points_are_passed() => Failpoints.Pass(Failpoints.BeforeCommit);

    [Fact]
    public void Seeded_bugs_are_not_in_an_ordinary_build()
    {
#if !SEEDED_BUGS
        Assert.All(typeof(SeededBugs).GetProperties(), property => Assert.False((bool)property.GetValue(null)!));
#endif
    }
}
