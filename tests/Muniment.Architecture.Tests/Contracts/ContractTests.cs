using System.Reflection;

namespace Muniment.Architecture.Tests.Contracts;

public sealed class ContractTests
{
    private static readonly Type[] PlantedTypes = Assembly.LoadFrom(Path.Combine(AppContext.BaseDirectory, "Muniment.Architecture.Planted.dll")).GetTypes();

    [Fact]
    public void The_contracts_of_the_platform_keep_every_rule()
    {
        Type[] types = [.. Repository.Load("Muniment.Messages").GetTypes(), .. Repository.Load("Muniment.Grains").GetTypes()];
        Assert.Empty(ContractRules.Check(types));
        Assert.Contains(types, ContractRules.IsGrainInterface);
    }

    [Theory]
    [InlineData("Muniment.Messages", true)]
    [InlineData("Muniment.Grains", true)]
    [InlineData("Muniment.Policy", false)]
    [InlineData("Muniment.Trust", false)]
    [InlineData("Muniment.Events", false)]
    public void Nothing_static_changes(string room, bool collections) =>
        Assert.Empty(Repository.Load(room).GetTypes().Written().SelectMany(type => ContractRules.Statics(type, collections)));

    [Fact]
    public void Every_planted_fault_is_found_by_its_rule()
    {
        IReadOnlyList<Finding> findings = ContractRules.Check(PlantedTypes.Where(type => type.Namespace == "Muniment.Architecture.Planted.Faults"));
        foreach (Type type in PlantedTypes.Where(type => PlantedRule(type) is not null))
        {
            string rule = PlantedRule(type)!;
            Assert.Contains(findings, finding => finding.Where == type && finding.Rule == rule);
            Assert.DoesNotContain(findings, finding => finding.Where == type && finding.Rule != rule);
        }
        // And nothing was found where nothing was planted.
        Assert.DoesNotContain(findings, finding => PlantedRule(finding.Where) is null);
    }

    [Fact]
    public void Every_rule_has_a_planted_fault()
    {
        string source = File.ReadAllText(Path.Combine(Repository.Root, "tests/Muniment.Architecture.Tests/Contracts/ContractRules.cs"));
        string[] rules = [.. System.Text.RegularExpressions.Regex.Matches(source, "\"((message|interface|class|exception)-[a-z-]+)\"").Select(match => match.Groups[1].Value).Distinct()];
        string[] planted = [.. PlantedTypes.Select(PlantedRule).OfType<string>().Distinct()];
        Assert.Equal(rules.Order(), planted.Order());
        Assert.True(rules.Length > 20);
    }

    [Fact]
    public void Sound_contracts_are_left_alone() =>
        Assert.Empty(ContractRules.Check(PlantedTypes.Where(type => type.Namespace == "Muniment.Architecture.Planted.Sound")));

    private static string? PlantedRule(Type type) => (string?)type.First("Muniment.Architecture.Planted.FaultAttribute");
}
