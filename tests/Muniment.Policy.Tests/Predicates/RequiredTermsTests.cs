using Muniment.Policy.Predicates;
using static Muniment.Policy.Tests.Predicates.Sample;

namespace Muniment.Policy.Tests.Predicates;

public sealed class RequiredTermsTests
{
    private static string Terms(string where) =>
        string.Join(" & ", Compile(where).RequiredTerms.Select(c => string.Join(" | ", c.Select(t => $"{t.Field}={t.Value}"))));

    [Theory]
    [InlineData("""{}""", "")]
    [InlineData("""{"result":"Denied"}""", "Result=denied")]
    [InlineData("""{"result":["denied","error"]}""", "Result=denied | Result=error")]
    [InlineData("""{"result":["denied","err*"]}""", "")]
    [InlineData("""{"result":["denied","nonsense"]}""", "")]
    [InlineData("""{"result":"denied","risk":"high"}""", "Result=denied & Risk=high")]
    [InlineData("""{"result":"denied","risk|gte":"high"}""", "Result=denied")]
    [InlineData("""{"result|neq":"denied"}""", "")]
    [InlineData("""{"tool.name":"Bash"}""", "")]
    [InlineData("""{"tool.name|cased":"Bash"}""", "Tool=Bash")]
    [InlineData("""{"client.address":"10.0.0.1"}""", "Address=10.0.0.1")]
    [InlineData("""{"policy.version":3}""", "PolicyVersion=3")]
    [InlineData("""{"trace.trace_id":"0AF7651916CD43DD8448EB211C80319C"}""", "Trace=0af7651916cd43dd8448eb211c80319c")]
    [InlineData("""{"target":""}""", "")]
    [InlineData("""{"target":null}""", "")]
    [InlineData("""[{"result":"denied"},{"risk":"high"}]""", "Result=denied | Risk=high")]
    [InlineData("""[{"result":"denied"},{"tool.name":"x"}]""", "")]
    [InlineData("""{"a":{"result":"denied"},"b":{"risk":"high"},"condition":"a and not b"}""", "Result=denied")]
    [InlineData("""{"a":{"result":"denied"},"b":{"risk":"high"},"condition":"a or b"}""", "Result=denied | Risk=high")]
    [InlineData("""{"a":{"result":"denied"},"b":{"risk":"high"},"condition":"1 of them and a"}""", "Result=denied | Risk=high & Result=denied")]
    public void EqualitiesWhoseCaseIsKnownImplyTerms(string where, string terms) => Assert.Equal(terms, Terms(where));

    [Fact]
    public void NamedFieldsAreListed()
    {
        Predicate predicate = Compile("""{"a":{"tool.command|contains":"x","target|fieldref":"reason"},"k":["word"],"condition":"a or k"}""");
        Assert.Equal(["reason", "target", "tool.command"], predicate.Fields);
        Assert.True(predicate.SearchesAll);
        Assert.False(Compile("""{"result":"denied"}""").SearchesAll);
    }
}
