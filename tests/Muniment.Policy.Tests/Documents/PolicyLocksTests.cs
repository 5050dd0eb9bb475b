using Muniment.Policy.Documents.Locks;
using Muniment.Policy.Evaluation;

namespace Muniment.Policy.Tests.Documents;

public sealed class PolicyLocksTests
{
    private const string Base = """
        lock: true
        default: deny
        uncovered: deny
        rules:
          - { id: secrets, on: [model.invoke], detect: [secrets], then: redact, fail: closed }
          - { id: tools, on: [tool.call], then: allow }
        limits:
          - { id: daily, per: user, tokens: 1000, window: 1d }
        """;

    private static LockConflict? Check(string lower, string upper = Base) =>
        PolicyLocks.Check(new PublishedPolicy("lower", 1, Read.Document(lower)), [new PublishedPolicy("base", 4, Read.Document(upper))]);

    [Theory]
    [InlineData("default: allow", "default", "default: allow, which is looser than default: deny of the locked policy base (org)")]
    [InlineData("default: ask", "default", "default: ask")]
    [InlineData("mode: shadow", "mode", "mode: shadow")]
    [InlineData("uncovered: allow", "uncovered", "uncovered: allow")]
    [InlineData("rules: [{id: mine, on: [model.*], detect: [email], then: redact, fail: open}]", "mine", "fail: open in rule mine, which is looser than fail: closed in rule secrets")]
    [InlineData("rules: [{id: tools, on: [tool.call], then: deny, fail: open}]", "tools", "fail: open in rule tools")]
    [InlineData("limits: [{id: daily, per: user, tokens: 1001, window: 1d}]", "daily", "1001 tokens per user in 1d, then deny")]
    [InlineData("limits: [{id: more, per: user, tokens: 5000, window: 1d}]", "more", "limit more, which is looser than limit daily: 1000 tokens per user in 1d")]
    [InlineData("limits: [{id: daily, per: user, tokens: 1000, window: 1h}]", "daily", "in 1h")]
    [InlineData("limits: [{id: daily, per: key, tokens: 10, window: 1d}]", "daily", "tokens per key")]
    [InlineData("limits: [{id: daily, per: user, tokens: 10, window: 1d, then: ask}]", "daily", "then: ask")]
    public void ALowerPolicyMayNotBeLooser(string text, string rule, string message)
    {
        foreach (string scope in (string[])["project:web", "user:j@acme.com"])
        {
            LockConflict? conflict = Check($"scope: {scope}\n{text}");
            Assert.NotNull(conflict);
            Assert.Equal(("base", "lower", rule), (conflict.Locked, conflict.Policy, conflict.Rule));
            Assert.Contains(message, conflict.Message, StringComparison.Ordinal);
        }

        Assert.Null(Check(text)); // the same level is not below
        Assert.Null(Check($"scope: project:web\n{text}", Base.Replace("lock: true", "lock: false", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("default: deny")]
    [InlineData("uncovered: deny")]
    [InlineData("reasoning: pass")]
    [InlineData("rules: [{id: mine, on: [command.execute], then: deny, fail: open}]")]
    [InlineData("rules: [{id: mine, on: [model.invoke], then: allow}]")]
    [InlineData("limits: [{id: daily, per: user, tokens: 999, window: 1d}]")]
    [InlineData("limits: [{id: hourly, per: user, tokens: 900, window: 1h}]")]
    [InlineData("limits: [{id: money, per: user, usd: 100, window: 1d}]")]
    public void AStricterOrOtherOneMay(string text) => Assert.Null(Check($"scope: project:web\n{text}"));

    [Fact]
    public void ALockIsRefusedWhileALooserPolicyIsInForce()
    {
        var lower = new PublishedPolicy("loose", 1, Read.Document("scope: user:x\nmode: shadow"));
        Assert.Equal(("base", "loose", "mode"), PolicyLocks.Check(new PublishedPolicy("base", 1, Read.Document(Base)), [lower]) is { } c ? (c.Locked, c.Policy, c.Rule) : default);
        Assert.Null(PolicyLocks.Check(lower with { Version = 2, Document = Read.Document("scope: user:x") }, [lower, new PublishedPolicy("base", 1, Read.Document(Base))]));
    }
}
