using Muniment.Policy.Documents;

namespace Muniment.Policy.Tests.Documents;

public sealed class PolicyParserTests
{
    /// <summary>The contract's own example.</summary>
    public const string Contract = """
        scope: org                      # org | project:ID | user:ID
        lock: true
        mode: enforce
        default: allow
        uncovered: allow
        reasoning: drop
        evidence: none
        rules:
          - id: models
            on: [model.invoke]
            when: { model.requested|startswith: [gpt-4, o3] }
            then: deny
            reason: model not on the allow list
          - id: secrets
            on: [model.invoke, model.respond, tool.call]
            detect: [secrets, credit_card, email, iban, us_ssn, phone, jwt, private_key]
            then: redact
            fail: closed
          - { id: cap, on: [model.invoke], when: {}, then: modify, set: { max_tokens: 4096 } }
        limits:
          - { id: daily, per: user, tokens: 2000000, window: 1d, then: deny }
        """;

    private const string Json = """
        {"scope":"org","lock":true,"mode":"enforce","default":"allow","uncovered":"allow","reasoning":"drop","evidence":"none",
         "rules":[{"id":"models","on":["model.invoke"],"when":{"model.requested|startswith":["gpt-4","o3"]},"then":"deny","reason":"model not on the allow list"},
          {"id":"secrets","on":["model.invoke","model.respond","tool.call"],"detect":["secrets","credit_card","email","iban","us_ssn","phone","jwt","private_key"],"then":"redact","fail":"closed"},
          {"set":{"max_tokens":4096},"id":"cap","on":["model.invoke"],"when":{},"then":"modify"}],
         "limits":[{"id":"daily","per":"user","tokens":2000000,"window":"1d","then":"deny"}]}
        """;

    [Fact]
    public void TheContractsExampleReadsAsItSays()
    {
        PolicyDocument document = Read.Document(Contract);
        Assert.Equal((PolicyScope.Org, true, PolicyMode.Enforce, (PolicyEffect?)PolicyEffect.Allow), (document.Scope, document.Lock, document.Mode, document.Default));
        Assert.Equal((UncoveredMode.Allow, ReasoningMode.Drop, EvidenceMode.None), (document.Uncovered, document.Reasoning, document.Evidence));
        Assert.Equal(["models", "secrets", "cap"], document.Rules.Select(r => r.Id));
        Assert.Equal(["secrets", "credit_card", "email", "iban", "us_ssn", "phone", "jwt", "private_key"], document.Rules[1].Detect.Select(d => d.Name));
        Assert.Equal((FailMode.Closed, true), (document.Rules[1].Fail, document.Rules[1].StatesFail));
        Assert.Equal(4096, document.Rules[2].Set.MaxTokens);
        PolicyLimit limit = document.Limits[0];
        Assert.Equal((LimitSubject.User, LimitUnit.Tokens, 2_000_000m, TimeSpan.FromDays(1), false), (limit.Per, limit.Unit, limit.Amount, limit.Window, limit.Sliding));
    }

    [Fact]
    public void TheSameContentHasTheSameDigestHoweverItIsWritten()
    {
        PolicyDocument yaml = Read.Document(Contract);
        Assert.Equal(yaml.Digest, Read.Document(Json).Digest);
        Assert.Equal(yaml.Digest, Read.Document(yaml.CanonicalJson).Digest);
        Assert.NotEqual(yaml.Digest, Read.Document(Contract.Replace("4096", "4097", StringComparison.Ordinal)).Digest);
        Assert.Matches("^sha256:[0-9a-f]{64}$", yaml.Digest);
    }

    /// <summary>Digests are kept for years: this one must never change.</summary>
    [Fact]
    public void TheDigestIsOfTheCanonicalJson()
    {
        PolicyDocument document = Read.Document("rules: [{then: deny, id: a, reason: \"ü\\u0001\\n\", on: [tool.call]}]\ntests: []\nlimits: [{id: l, per: key, usd: 0x10, window: 1d}]");
        Assert.Equal("""{"limits":[{"id":"l","per":"key","usd":16,"window":"1d"}],"rules":[{"id":"a","on":["tool.call"],"reason":"ü\u0001\n","then":"deny"}]}""", document.CanonicalJson);
        Assert.Equal("sha256:" + Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(document.CanonicalJson))), document.Digest);
    }

    [Fact]
    public void AnEmptyMapIsAPolicy() => Assert.Equal((null, null, 0), (Read.Document("{}").Default, Read.Document("{}").Uncovered, Read.Document("{}").Rules.Length));

    [Fact]
    public void OneTextStandsForAListOfOne() => Assert.Equal(["tool.call"], Read.Document("rules: [{id: a, on: tool.call, then: deny}]").Rules[0].On.AsEnumerable());

    [Fact]
    public void AliasesStandForWhatTheyName() => Assert.Equal(
        Read.Document("rules: [{id: a, on: [tool.call], then: deny}, {id: b, on: [tool.call], then: ask}]").Digest,
        Read.Document("rules:\n- {id: a, on: &on [tool.call], then: deny}\n- {id: b, on: *on, then: ask}\n").Digest);

    [Fact]
    public void EverythingThatCanBeSetIsRead()
    {
        PolicyChanges set = Read.Document("""
            rules:
              - id: route
                on: [model.invoke, event.*]
                then: modify
                set:
                  max_tokens: 10
                  model: small
                  upstream: eu
                  fallback: [us, {upstream: local, model: tiny}]
                  tools_remove: [shell, web_*]
                  resource.team: platform
                  resource.repo: acme/web
            """).Rules[0].Set;
        Assert.Equal((10L, "small", "eu"), (set.MaxTokens, set.Model, set.Upstream));
        Assert.Equal([new FallbackTarget("us"), new FallbackTarget("local", "tiny")], set.Fallback.AsEnumerable());
        Assert.Equal(["shell", "web_*"], set.ToolsRemove.AsEnumerable());
        Assert.Equal(["repo=acme/web", "team=platform"], set.Resource.Select(r => $"{r.Key}={r.Value}").Order());
    }

    [Theory]
    [InlineData("60s", 60)]
    [InlineData("15m", 900)]
    [InlineData("1h", 3600)]
    [InlineData("30d", 30 * 86_400)]
    [InlineData("2w", 14 * 86_400)]
    public void Windows(string window, int seconds) =>
        Assert.Equal(seconds, Read.Document($"limits: [{{id: l, per: key, calls: 5, window: {window}, sliding: true}}]").Limits[0].Window.TotalSeconds);

    [Fact]
    public void WindowsAreAlignedToUtc()
    {
        PolicyLimit day = Read.Document("limits: [{id: l, per: key, calls: 5, window: 1d}]").Limits[0];
        Assert.Equal(1_795_219_200L * 1_000_000_000, day.WindowStart((1_795_219_200L + 86_399) * 1_000_000_000));
    }

    [Theory]
    [InlineData("1w", "2026-11-21T22:00:00Z", "2026-11-16T00:00:00Z")] // a Saturday, its Monday
    [InlineData("1w", "2026-11-16T00:00:00Z", "2026-11-16T00:00:00Z")]
    [InlineData("7d", "2026-11-15T23:59:59Z", "2026-11-09T00:00:00Z")]
    [InlineData("2w", "2026-11-21T22:00:00Z", "2026-11-09T00:00:00Z")]
    [InlineData("1w", "1970-01-02T00:00:00Z", "1969-12-29T00:00:00Z")] // before the first Monday of Unix time
    [InlineData("3d", "2026-11-21T22:00:00Z", "2026-11-21T00:00:00Z")]
    public void WeeksBeginOnMonday(string window, string time, string start)
    {
        PolicyLimit limit = Read.Document($"limits: [{{id: l, per: key, calls: 5, window: {window}}}]").Limits[0];
        Assert.Equal(Ns(start), limit.WindowStart(Ns(time)));

        static long Ns(string text) => DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture).ToUnixTimeMilliseconds() * 1_000_000;
    }
}
