using static Muniment.Policy.Tests.Predicates.Sample;

namespace Muniment.Policy.Tests.Predicates;

public sealed class SelectionTests
{
    private const string Members = """
        "target":"C:\\Windows\\cmd.exe","reason":"","risk":"high","policy":{"id":"p","version":12},"client":{"address":"10.1.2.3"},
        "model":{"requested":"gpt-4o","served":"GPT-4O"},"tool":{"name":"Bash","command":"curl -k http://x","duration_ms":2.5,"success":false,"exit_code":-1},
        "ts":"2026-11-21T10:02:20Z","usage":{"input":0,"cost":{"amount":"0.50"}},
        "details":{"n":5,"s":"7","t":"2026-01-01T00:00:00Z","nul":null,"empty":"","list":["a","B"],"deep":{"k":"v"},"big":9007199254740993,"ip6":"::ffff:10.1.2.3","six":"2001:db8::1"}
        """;

    [Theory]
    [InlineData("""{}""", true)]
    [InlineData("""{"result":"denied"}""", true)]
    [InlineData("""{"result":"DENIED"}""", true)]
    [InlineData("""{"result":"allowed"}""", false)]
    [InlineData("""{"result":"denied","risk":"low"}""", false)]
    [InlineData("""{"result":["allowed","denied"]}""", true)]
    [InlineData("""[{"result":"allowed"},{"risk":"high"}]""", true)]
    [InlineData("""[{"result":"allowed"},{"risk":"low"}]""", false)]
    [InlineData("""{"result|cased":"Denied"}""", false)]
    [InlineData("""{"result|cased":"denied"}""", true)]
    [InlineData("""{"actor":"user:j@acme.com"}""", true)]
    [InlineData("""{"actor.user":"j@acme.com"}""", true)]
    [InlineData("""{"model.requested|startswith":"gpt"}""", true)]
    [InlineData("""{"model.requested|startswith":["o3","GPT-4"]}""", true)]
    [InlineData("""{"model.requested|endswith":"4O"}""", true)]
    [InlineData("""{"model.requested|contains":"pt-"}""", true)]
    [InlineData("""{"tool.command|contains|all":["curl","-k"]}""", true)]
    [InlineData("""{"tool.command|contains|all":["curl","-z"]}""", false)]
    [InlineData("""{"tool.command|contains":["nothing","-k"]}""", true)]
    [InlineData("""{"policy.version":12}""", true)]
    [InlineData("""{"policy.version":"12"}""", true)]
    [InlineData("""{"policy.version":12.0}""", true)]
    [InlineData("""{"policy.version":13}""", false)]
    [InlineData("""{"policy.version":"1*"}""", true)]
    [InlineData("""{"details.big":9007199254740993}""", true)]
    [InlineData("""{"details.big":9007199254740992}""", false)]
    [InlineData("""{"tool.success":false}""", true)]
    [InlineData("""{"tool.success":true}""", false)]
    [InlineData("""{"tool.success":"False"}""", true)]
    [InlineData("""{"tool.exit_code|lt":0}""", true)]
    [InlineData("""{"tool.duration_ms|gt":2}""", true)]
    [InlineData("""{"tool.duration_ms|gt":2.5}""", false)]
    [InlineData("""{"tool.duration_ms|gte":2.5}""", true)]
    [InlineData("""{"tool.duration_ms|lte":2.5}""", true)]
    [InlineData("""{"usage.cost.amount|gte":"0.5"}""", true)]
    [InlineData("""{"usage.output|gte":0}""", false)]
    [InlineData("""{"risk|gte":"high"}""", true)]
    [InlineData("""{"risk|gte":"Medium"}""", true)]
    [InlineData("""{"risk|gt":"high"}""", false)]
    [InlineData("""{"risk|lt":"critical"}""", true)]
    [InlineData("""{"ts|gte":"2026-11-21T12:02:20+02:00"}""", true)]
    [InlineData("""{"ts|lt":"2026-11-21T10:02:20Z"}""", false)]
    [InlineData("""{"details.t|gt":"2025-12-31T00:00:00Z"}""", true)]
    [InlineData("""{"details.n|gt":4}""", true)]
    [InlineData("""{"details.s|gt":"6.5"}""", true)]
    [InlineData("""{"details.deep.k":"v"}""", true)]
    [InlineData("""{"details.list":"b"}""", true)]
    [InlineData("""{"details.list|all":["A","b"]}""", true)]
    [InlineData("""{"details.list|all":["a","c"]}""", false)]
    [InlineData("""{"client.address|cidr":"10.0.0.0/8"}""", true)]
    [InlineData("""{"client.address|cidr":["192.168.0.0/16","10.1.2.3/32"]}""", true)]
    [InlineData("""{"client.address|cidr":"10.2.0.0/16"}""", false)]
    [InlineData("""{"details.ip6|cidr":"10.0.0.0/8"}""", true)]
    [InlineData("""{"details.six|cidr":"2001:db8::/32"}""", true)]
    [InlineData("""{"details.six|cidr":"10.0.0.0/8"}""", false)]
    [InlineData("""{"target|cidr":"10.0.0.0/8"}""", false)]
    [InlineData("""{"reason":""}""", true)]
    [InlineData("""{"reason":null}""", false)]
    [InlineData("""{"mode":null}""", true)]
    [InlineData("""{"mode":""}""", false)]
    [InlineData("""{"details.nul":null}""", true)]
    [InlineData("""{"details.empty":null}""", false)]
    [InlineData("""{"details.empty":""}""", true)]
    [InlineData("""{"mode":[null,"fixed"]}""", true)]
    [InlineData("""{"mode|exists":false}""", true)]
    [InlineData("""{"reason|exists":true}""", true)]
    [InlineData("""{"details.nul|exists":true}""", true)]
    [InlineData("""{"details.none|exists":true}""", false)]
    [InlineData("""{"result|neq":"denied"}""", false)]
    [InlineData("""{"result|neq":["allowed","error"]}""", true)]
    [InlineData("""{"mode|neq":"fixed"}""", true)]
    [InlineData("""{"mode|neq":null}""", false)]
    [InlineData("""{"tool.command|contains|neq":"curl"}""", false)]
    [InlineData("""{"model.requested|fieldref":"model.served"}""", true)]
    [InlineData("""{"model.requested|fieldref|cased":"model.served"}""", false)]
    [InlineData("""{"model.requested|fieldref":"mode"}""", false)]
    [InlineData("""{"target|fieldref|contains":"policy.id"}""", false)]
    [InlineData("""{"tool.command|fieldref|contains|neq":"tool.name"}""", true)]
    [InlineData("""{"model.requested|re":"^gpt-\\d"}""", true)]
    [InlineData("""{"model.requested|re":"^GPT"}""", false)]
    [InlineData("""{"model.requested|re|i":"^GPT"}""", true)]
    [InlineData("""{"model.requested|re":["x","o$"]}""", true)]
    [InlineData("""{"model.requested|re|all":["^g","o$"]}""", true)]
    [InlineData("""["CURL"]""", true)]
    [InlineData("""["nowhere","9007199254740993"]""", true)]
    [InlineData("""["nowhere"]""", false)]
    [InlineData("""{"|all":["curl","acme"]}""", true)]
    [InlineData("""{"|all":["curl","nowhere"]}""", false)]
    [InlineData("""{"result":"denied","":["cu?l"]}""", true)]
    public void Selections(string where, bool expected) => Assert.Equal(expected, Matches(where, Members));

    /// <summary>Each pair: Sigma value, field text. Backslashes as the Sigma specification's table has them.</summary>
    [Theory]
    [InlineData("*cmd.exe", @"C:\Windows\cmd.exe", true)]
    [InlineData(@"C:\Windows\*", @"C:\Windows\cmd.exe", false)] // \* is a literal star
    [InlineData(@"C:\Windows\*", @"C:\Windows*", true)]
    [InlineData(@"C:\Windows\\*", @"C:\Windows\cmd.exe", true)] // \\* is a backslash and a wildcard
    [InlineData(@"C:\Windows\cmd.exe", @"c:\windows\CMD.EXE", true)] // single backslashes are plain
    [InlineData(@"C:\\Windows\\cmd.exe", @"C:\Windows\cmd.exe", true)] // double ones are one
    [InlineData(@"\\\\srv\share", @"\\srv\share", true)]
    [InlineData(@"\\\*", @"\*", true)]
    [InlineData(@"a\?c", "a?c", true)]
    [InlineData(@"a\?c", "abc", false)]
    [InlineData("a?c", "abc", true)]
    [InlineData("a?c", "ac", false)]
    [InlineData("a?c", "abbc", false)]
    [InlineData("a*b*c", "aXXbYYc", true)]
    [InlineData("a*b*c", "aXXbYY", false)]
    [InlineData("a*ab", "aabab", true)]
    [InlineData("*a?b*", "xxaybzz", true)]
    [InlineData("*", "anything", true)]
    [InlineData("*", "", true)]
    [InlineData("?*", "", false)]
    [InlineData("**x**", "x", true)]
    [InlineData(@"end\", @"end\", true)]
    [InlineData("", "", true)]
    [InlineData("", "x", false)]
    public void Wildcards(string value, string text, bool expected) => Assert.Equal(expected, Matches($$"""{"target":{{Quote(value)}}}""", $"\"target\":{Quote(text)}"));

    [Theory]
    [InlineData("-enc", true)]
    [InlineData("/enc", true)]
    [InlineData("–enc", true)]
    [InlineData("—enc", true)]
    [InlineData("―enc", true)]
    [InlineData("+enc", false)]
    public void Windash(string text, bool expected)
    {
        Assert.Equal(expected, Matches("""{"target|windash|contains":" -enc"}""", $"\"target\":{Quote("powershell " + text + " x")}"));
        Assert.Equal(expected, Matches("""{"target|windash|contains|all":[" -enc","power"]}""", $"\"target\":{Quote("powershell " + text + " x")}"));
    }

    [Fact]
    public void WindashLeavesInnerDashesAlone() => Assert.False(Matches("""{"target|windash":"a-b"}""", "\"target\":\"a/b\""));

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("xy")]
    [InlineData("xyz")]
    public void Base64OffsetFindsATextAtEveryPlace(string before)
    {
        string encoded = Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(before + "http://evil" + before));
        Assert.True(Matches("""{"target|base64offset|contains":"http://evil"}""", $"\"target\":{Quote(encoded)}"));
        Assert.False(Matches("""{"target|base64offset|contains":"http://good"}""", $"\"target\":{Quote(encoded)}"));
    }

    [Fact]
    public void Base64IsTheEncodedText()
    {
        Assert.True(Matches("""{"target|base64":"foobar"}""", "\"target\":\"Zm9vYmFy\""));
        Assert.True(Matches("""{"target|base64|contains":"foobar"}""", "\"target\":\"xxZm9vYmFyxx\""));
        Assert.False(Matches("""{"target|base64|contains":"foobar"}""", "\"target\":\"zm9vymfy\""));
    }

    [Fact]
    public void ManyWildcardsTakeNoTimeToSpeakOf()
    {
        string text = new('a', 100_000);
        Assert.False(Matches($$"""{"target":{{Quote(string.Concat(Enumerable.Repeat("a*", 30)) + "b")}}}""", $"\"target\":{Quote(text)}"));
        Assert.False(Matches("""{"target|re":"(a+)+b$"}""", $"\"target\":{Quote(text)}"));
    }
}
