using Muniment.Policy.Detectors;
using Muniment.Policy.Documents;
using Muniment.Policy.Redaction;

namespace Muniment.Policy.Tests.Detectors;

public class DetectorSetTests
{
    [Theory]
    [InlineData("secrets")]
    [InlineData("credit_card")]
    [InlineData("email")]
    [InlineData("iban")]
    [InlineData("us_ssn")]
    [InlineData("phone")]
    [InlineData("jwt")]
    [InlineData("private_key")]
    public void The_contracts_names_exist_and_are_on_by_default(string name)
    {
        DetectorSet set = DetectorSet.TryCreate([name], [], out DetectorError? error)!;
        Assert.Null(error);
        Assert.NotEmpty(set.Types);
        Assert.Empty(set.Types.Except(DetectorSet.Default.Types));
    }

    [Fact]
    public void Opt_in_detectors_are_not_default()
    {
        Assert.DoesNotContain("GENERIC_SECRET", DetectorSet.Default.Types);
        Assert.DoesNotContain("IPV4", DetectorSet.Default.Types);
        Assert.DoesNotContain("PL_PESEL", DetectorSet.Default.Types);
        Assert.Equal("UK_NHS", Assert.Single(DetectorSet.TryCreate(["national_uk"], [], out _)!.Types));
    }

    [Fact]
    public void An_unknown_name_is_refused_with_the_known_ones()
    {
        Assert.Null(DetectorSet.TryCreate(["email", "e-mail"], [], out DetectorError? error));
        Assert.Equal("e-mail", error!.Name);
        Assert.Contains("credit_card", error.Expected);
    }

    [Fact]
    public void The_version_names_what_runs_not_how_it_was_asked_for()
    {
        string version = DetectorSet.Default.Version;
        Assert.Equal(version, DetectorSet.TryCreate(["default", "email"], [], out _)!.Version);
        Assert.NotEqual(version, DetectorSet.TryCreate(["email"], [], out _)!.Version);
        Assert.NotEqual(version, DetectorSet.TryCreate(["default"], [new CustomPattern("x1", "abc")], out _)!.Version);
        Assert.InRange(version.Length, 1, 32);
    }

    [Theory]
    [InlineData("(?<=a)b", "lookarounds")]
    [InlineData("(a)\\1", "backreferences")]
    [InlineData("(?>ab)", "atomic")]
    [InlineData("^abc", "anchor ^")]
    [InlineData("abc$", "anchor $")]
    [InlineData("abc\\z", "anchor \\z")]
    [InlineData("a*", "empty")]
    [InlineData("a(", "valid regular expression")]
    [InlineData("", "1 to 512")]
    [InlineData("(\\w{1,200}x){1,200}", "moderate size")]
    public void Patterns_that_cannot_be_used_are_refused_with_the_reason(string pattern, string reason)
    {
        Assert.Null(DetectorSet.TryCreate([], [new CustomPattern("own", pattern)], out DetectorError? error));
        Assert.Equal("own", error!.Name);
        Assert.Contains(reason, error.Expected);
    }

    [Theory]
    [InlineData("Own", 10)]
    [InlineData("", 10)]
    [InlineData("email", 10)]
    [InlineData("own", 0)]
    [InlineData("own", 256)]
    public void Names_and_lengths_have_limits(string name, int length) => Assert.Null(DetectorSet.TryCreate([], [new CustomPattern(name, "abc", length)], out _));

    [Fact]
    public void A_pattern_finds_what_it_describes_and_no_more_than_its_length()
    {
        DetectorSet set = DetectorSet.TryCreate([], [new CustomPattern("employee", @"\bE-\d+\b", 8)], out _)!;
        TextRedactor redactor = new(set);
        Assert.Equal("see [EMPLOYEE], [EMPLOYEE] not E-1234567890", redactor.Redact("see E-12, E-123456 not E-1234567890").Text);
        Assert.Equal(2, redactor.Redact("E-1 E-2").Counts["EMPLOYEE"]);
    }

    [Fact]
    public void A_pattern_that_takes_too_much_work_fails_and_says_so()
    {
        DetectorSet set = DetectorSet.TryCreate(["email"], [new CustomPattern("dense", "a+", 8)], out _)!;
        string text = new string('a', 40_000) + " j@acme.com " + new string('a', 40_000);
        RedactionResult result = new TextRedactor(set).Redact(text);
        Assert.Equal("DENSE", Assert.Single(result.Failed));
        Assert.Equal(1, result.Counts["EMAIL"]);

        StreamRedactor closed = new(set);
        Assert.Equal("", closed.Append(text) + closed.Flush());
        Assert.Equal("DENSE", Assert.Single(closed.Failed));
        StreamRedactor open = new(set, failOpen: true);
        Assert.DoesNotContain("acme", open.Append(text) + open.Flush());
        Assert.Equal("DENSE", Assert.Single(open.Failed));
    }

    [Fact]
    public void Policies_references_are_checked_compiled_and_counted()
    {
        Assert.Null(DetectorReferences.Check(new DetectorReference("secrets")));
        Assert.Contains("one of", DetectorReferences.Check(new DetectorReference("secret")));
        Assert.Contains("valid regular expression", DetectorReferences.Check(new DetectorReference("own-id", "a(")));
        DetectorReference[] references = [new("secrets"), new("email"), new("own-id", @"X\d{4}"), new("own-id", @"Y\d{4}")];
        DetectorSet set = DetectorReferences.TryCompile(references, out _)!;
        RedactionResult result = new TextRedactor(set).Redact("X1234 Y1234 a@b.io dapi" + "0a1b2c3d4e5f60718293a4b5c6d7e8f9");
        Assert.Equal("[OWN_ID] [OWN_ID] [EMAIL] [DATABRICKS_TOKEN]", result.Text);
        Assert.Equal(1, DetectorReferences.Finding(references[0], result.Counts, []).Count);
        Assert.Equal(2, DetectorReferences.Finding(references[2], result.Counts, []).Count);
        Assert.NotNull(DetectorReferences.Finding(references[2], result.Counts, ["OWN_ID"]).Failure);
        Assert.Equal("[DATABRICKS_TOKEN, 1] [EMAIL, 1] [OWN_ID, 2]", string.Join(' ', result.Counts.Summary()));
        Assert.Equal("[SECRETS, 0] [EMAIL, 0] [OWN_ID, 0]", string.Join(' ', new TextRedactor(set).Redact("nothing").Counts.Summary().OrderByDescending(p => p.Key == "SECRETS")));
    }
}
