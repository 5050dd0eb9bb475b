using static Muniment.Policy.Tests.Predicates.Sample;

namespace Muniment.Policy.Tests.Predicates;

public sealed class PredicateErrorTests
{
    [Theory]
    [InlineData("""{"modell.requested":"x"}""", "where.modell.requested", "unknown field 'modell.requested'")]
    [InlineData("""{"sel":{"x":"1"},"condition":"sel"}""", "where.sel.x", "unknown field 'x'")]
    [InlineData("""[{"result":"x"},{"nope":"y"}]""", "where[1].nope", "unknown field")]
    [InlineData("""{"target|startwith":"x"}""", "where.target|startwith", "unknown modifier 'startwith'")]
    [InlineData("""{"target|expand":"%x%"}""", "where.target|expand", "expand")]
    [InlineData("""{"target|contains|startswith":"x"}""", "where.target", "only one of")]
    [InlineData("""{"target|contains|contains":"x"}""", "where.target", "twice")]
    [InlineData("""{"target|re|contains":"x"}""", "where.target", "re, cidr")]
    [InlineData("""{"target|i":"x"}""", "where.target", "re only")]
    [InlineData("""{"target|fieldref|windash":"reason"}""", "where.target", "fieldref")]
    [InlineData("""{"target|":"x"}""", "where.target|", "unknown modifier ''")]
    [InlineData("""{"target|fieldref":"nope"}""", "where.target|fieldref", "'nope'")]
    [InlineData("""{"target|exists":"x"}""", "where.target|exists", "true or false")]
    [InlineData("""{"target|cidr":"10.0.0.0/33"}""", "where.target|cidr", "10.0.0.0/33")]
    [InlineData("""{"target|cidr":"nonsense"}""", "where.target|cidr", "nonsense")]
    [InlineData("""{"target|re":"(?<=x)y"}""", "where.target|re", "look-around")]
    [InlineData("""{"target|re":"(x)\\1"}""", "where.target|re", "back-references")]
    [InlineData("""{"target|re":"("}""", "where.target|re", "regular expression")]
    [InlineData("""{"target|re":"(a{1000}){1000}"}""", "where.target|re", "regular expression")]
    [InlineData("""{"usage.input|gt":"many"}""", "where.usage.input|gt", "a number")]
    [InlineData("""{"risk|gte":"severe"}""", "where.risk|gte", "low, medium, high, critical")]
    [InlineData("""{"ts|gte":5}""", "where.ts|gte", "RFC 3339")]
    [InlineData("""{"target|base64":"a*"}""", "where.target|base64", "without wildcards")]
    [InlineData("""{"target|contains":null}""", "where.target|contains", "null")]
    [InlineData("""{"target":{"a":1}}""", "where.target", "not a map")]
    [InlineData("""{"target":[["a"]]}""", "where.target[0]", "not a map or list")]
    [InlineData("""{"target":[]}""", "where.target", "at least one value")]
    [InlineData("""[]""", "where", "expected a map")]
    [InlineData("""true""", "where", "expected a map")]
    [InlineData("""[{"target":"x"},"y"]""", "where[1]", "map")]
    [InlineData("""["x",{"target":"x"}]""", "where[1]", "keyword")]
    [InlineData("""{"|contains":["x"]}""", "where.|contains", "all")]
    [InlineData("""{"target":"a","target":"b"}""", "where", "each member once")]
    [InlineData("""{"target":"\ud800"}""", "where", "expected a JSON object")]
    [InlineData("""{"target":""", "where", "expected a JSON object")]
    [InlineData("""{"":{"target":"x"},"condition":"1 of them"}""", "where.", "a name")]
    [InlineData("""{"sel":{"target":"x"},"condition":5}""", "where.condition", "a text")]
    public void WhatIsNotUnderstoodIsNamed(string where, string path, string message)
    {
        string error = Error(where);
        Assert.StartsWith(path, error, StringComparison.Ordinal);
        Assert.Contains(message, error, StringComparison.Ordinal);
    }

    [Fact]
    public void SizeIsBounded()
    {
        Assert.Contains("65536", Error($$"""{"target":{{Quote(new string('x', 70_000))}}}"""), StringComparison.Ordinal);
        Assert.Contains("4096 characters", Error($$"""{"target":{{Quote(new string('x', 5000))}}}"""), StringComparison.Ordinal);
        Assert.Contains("1024", Error($$"""{"target|re":{{Quote(new string('x', 1025))}}}"""), StringComparison.Ordinal);
        Assert.Contains("4096 values", Error($$"""{"policy.version":[{{string.Join(',', Enumerable.Range(0, 5000))}}]}"""), StringComparison.Ordinal);
        Assert.Contains("64 regular", Error($$"""{"target|re":[{{string.Join(',', Enumerable.Range(0, 65).Select(i => Quote("x" + i)))}}]}"""), StringComparison.Ordinal);
        Assert.Contains("32 wildcards", Error($$"""{"target":{{Quote(new string('?', 33))}}}"""), StringComparison.Ordinal);
        Assert.Contains("16 deep", Error(string.Concat(Enumerable.Repeat("[", 40)) + string.Concat(Enumerable.Repeat("]", 40))), StringComparison.Ordinal);
    }
}
