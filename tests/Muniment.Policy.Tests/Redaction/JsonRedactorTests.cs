using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Muniment.Policy.Detectors;
using Muniment.Policy.Redaction;
using Muniment.Policy.Tests.Detectors;

namespace Muniment.Policy.Tests.Redaction;

public class JsonRedactorTests
{
    private static readonly JsonRedactor Redactor = new(DetectorSet.Default);

    [Theory]
    [InlineData("""{"a":"mail j@acme.com now","b":[1,2]}""", """{"a":"mail [EMAIL] now","b":[1,2]}""")]
    [InlineData("""{ "a" : "x\u0040acme.com" , "b" : "t\t\u00e9" }""", """{ "a" : "[EMAIL]" , "b" : "t\t\u00e9" }""")] // an escape hides nothing; what stays, stays as written
    [InlineData("""["4111 1111 1111 1111"]""", """["[CREDIT_CARD]"]""")]
    [InlineData("""{"ssn":"123456789"}""", """{"ssn":"[US_SSN]"}""")] // its name is its context
    [InlineData("""{"ids":{"ssn":[123456789,5]}}""", """{"ids":{"ssn":["[US_SSN]",5]}}""")] // a number becomes a string
    [InlineData("""{"j@acme.com":1,"k@acme.com":2}""", """{"[EMAIL]":1,"[EMAIL]_2":2}""")]
    [InlineData("""{"args":"{\"to\":\"j\\u0040acme.com\",\"n\":1}"}""", """{"args":"{\"to\":\"[EMAIL]\",\"n\":1}"}""")] // JSON in a string
    [InlineData("""{"args":"{\"to\":\"j\\u0040acme.com\",\"n\":"}""", """{"args":"{\"to\":\"[EMAIL]\",\"n\":"}""")] // and cut off
    [InlineData("""{"Authorization":"Bearer abcdefghij0123456789"}""", """{"Authorization":"Bearer [AUTHORIZATION]"}""")]
    [InlineData("\"\\ud800 j@acme.com\"", "\"\ufffd [EMAIL]\"")] // half a pair
    [InlineData("""{"a":true,"b":null,"c":{}}""", """{"a":true,"b":null,"c":{}}""")]
    [InlineData("1", "1")]
    public void Strings_are_redacted_decoded(string json, string expected)
    {
        JsonRedactionResult? result = Redactor.Redact(Encoding.UTF8.GetBytes(json));
        Assert.Equal(expected, Encoding.UTF8.GetString(result!.Json.Span));
        Assert.Equal(json != expected, result.Changed);
    }

    [Theory]
    [InlineData("{\"a\":")]
    [InlineData("")]
    [InlineData("{\"a\":1}x")]
    public void What_is_no_JSON_is_told(string json) => Assert.Null(Redactor.Redact(Encoding.UTF8.GetBytes(json)));

    [Fact]
    public void Deep_nesting_is_no_JSON_and_no_crash() => Assert.Null(Redactor.Redact(Encoding.UTF8.GetBytes(new string('[', 10_000) + new string(']', 10_000))));

    [Fact]
    public void Fields_and_counts_say_where_and_how_often()
    {
        JsonRedactionResult result = Redactor.Redact("""{"messages":[{"content":"a@b.io, c@d.io and 4111111111111111"},{"x/y":"e@f.io"}],"a@b.io":"g@h.io"}"""u8.ToArray())!;
        Assert.Equal(5 + 1, result.Counts.Total);
        Assert.Equal(5, result.Counts["EMAIL"]);
        Assert.Equal(
            new RedactedField[] { new("/messages/0/content", "EMAIL", 2), new("/messages/0/content", "CREDIT_CARD", 1), new("/messages/1/x~1y", "EMAIL", 1), new("/[EMAIL]", "EMAIL", 1), new("/[EMAIL]", "EMAIL", 1) },
            result.Fields.ToArray());
        Assert.Equal(0, result.Counts["IBAN"]);
        Assert.Contains(new("IBAN", 0), result.Counts.All());
        Assert.Contains(new("GITHUB_TOKEN", 0), result.Counts.All());
    }

    [Fact]
    public void Values_of_names_that_are_skipped_stay()
    {
        JsonRedactor skipping = new(DetectorSet.Default, ["signature"]);
        byte[] json = """{"signature":["a@b.io",{"x":"a@b.io"}],"text":"a@b.io","n":{"signature":"a@b.io"}}"""u8.ToArray();
        Assert.Equal("""{"signature":["a@b.io",{"x":"a@b.io"}],"text":"[EMAIL]","n":{"signature":"a@b.io"}}""", Encoding.UTF8.GetString(skipping.Redact(json)!.Json.Span));
    }

    [Fact]
    public void Every_case_of_the_corpus_comes_out_the_same_within_JSON_however_it_is_escaped()
    {
        TextRedactor text = new(DetectorSet.Default);
        foreach (Corpus.Case c in Corpus.Hits)
        {
            string expected = text.Redact(c.Text).Text;
            string escaped = string.Concat(c.Text.Select(one => $"\\u{(int)one:x4}"));
            foreach (string literal in new[] { JsonSerializer.Serialize(c.Text), $"\"{escaped}\"" })
            {
                JsonRedactionResult result = Redactor.Redact(Encoding.UTF8.GetBytes($"[{literal}]"))!;
                string redacted = JsonNode.Parse(result.Json.Span)![0]!.GetValue<string>();
                if (!(c.Text.TrimStart().StartsWith('{') || c.Text.TrimStart().StartsWith('['))) // those are JSON in a string: redacted as such
                {
                    Assert.Equal(expected, redacted);
                }

                Assert.All(c.Values.Where(v => !expected.Contains(v.Value)), v => Assert.DoesNotContain(v.Value, redacted));
            }
        }
    }

    [Fact]
    public void Tool_arguments_come_out_as_valid_JSON_however_they_are_cut()
    {
        string arguments = JsonSerializer.Serialize(new { to = "j.doe@acme.com", body = "line\nkey AKIA" + "QWERTYUIOPASDF23 \"x\"", n = 4111111111111111 });
        string expected = """{"to":"[EMAIL]","body":"line\nkey [AWS_ACCESS_KEY] \u0022x\u0022","n":"[CREDIT_CARD]"}""";
        for (int cut = 0; cut <= arguments.Length; cut++)
        {
            ToolArgumentRedactor redactor = new(DetectorSet.Default, remember: true);
            string streamed = redactor.Append(arguments.AsSpan(0, cut)) + redactor.Append(arguments.AsSpan(cut)) + redactor.Flush();
            Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), JsonNode.Parse(streamed)), streamed);
            Assert.Equal(streamed, redactor.Emitted);
            Assert.Equal(3, redactor.Counts.Total);
        }
    }

    [Fact]
    public void Tool_arguments_over_the_bound_go_out_as_text_and_stay_JSON()
    {
        string arguments = JsonSerializer.Serialize(Enumerable.Range(0, 200).Select(i => new { to = $"j.doe{i}@acme.com", text = "a \"b\" \\ \u00e9" }));
        ToolArgumentRedactor redactor = new(DetectorSet.Default, maxHeldChars: 1000);
        StringBuilder streamed = new();
        for (int i = 0; i < arguments.Length; i += 7)
        {
            streamed.Append(redactor.Append(arguments.AsSpan(i, Math.Min(7, arguments.Length - i))));
            Assert.InRange(redactor.Held, 0, 1000);
        }

        streamed.Append(redactor.Flush());
        Assert.True(redactor.IsOverBound);
        JsonArray parsed = JsonNode.Parse(streamed.ToString())!.AsArray();
        Assert.All(parsed, p => Assert.Equal("[EMAIL]", (string?)p!["to"]));
        Assert.Equal(200, parsed.Count);
    }
}
