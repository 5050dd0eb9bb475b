using System.Text;
using Muniment.Policy.Detectors;
using Muniment.Policy.Redaction;

namespace Muniment.Policy.Tests.Redaction;

public class TextRedactorTests
{
    private const string Signs = " @:/=.-_+(){}[]\"'\\u019AKIAghpeyJ%;~";
    private static readonly TextRedactor Redactor = new(DetectorSet.Default);

    [Theory]
    [InlineData("card \uff14\uff11\uff11\uff11 \uff11\uff11\uff11\uff11 \uff11\uff11\uff11\uff11 \uff11\uff11\uff11\uff11!", "card [CREDIT_CARD]!")] // fullwidth
    [InlineData("41\u200b11-1111\u00ad-11\u206011-1111", "[CREDIT_CARD]")] // invisible
    [InlineData("a\u200bb@acme.com", "[EMAIL]")]
    [InlineData("\ud835\udcff\ud835\udcee\ud835\udcfb@acme.com", "[EMAIL]")] // styled letters
    [InlineData("j\uff20acme\uff0ecom", "[EMAIL]")]
    [InlineData("123\u201345\u20136789", "[US_SSN]")] // en dash
    [InlineData("\u0664\u0661\u0661\u0661\u0661\u0661\u0661\u0661\u0661\u0661\u0661\u0661\u0661\u0661\u0661\u0661", "[CREDIT_CARD]")] // Arabic-Indic digits
    [InlineData("j\\u0040acme.com", "[EMAIL]")] // an escape within text
    [InlineData("4\ufe0f\u20e31\ufe0f\u20e311 1111 1111 1111", "[CREDIT_CARD]")] // keycaps
    [InlineData("jos\u00e9@acme.com", "[EMAIL]")]
    [InlineData("\u4f60\u597dj@acme.com\u4f60\u597d", "\u4f60\u597d[EMAIL]\u4f60\u597d")]
    public void Hidden_forms_are_found_and_the_written_characters_replaced(string text, string expected) => Assert.Equal(expected, Redactor.Redact(text).Text);

    [Theory]
    [InlineData("4111 1111 1111 1111", "CREDIT_CARD")]
    [InlineData("5555555555554444", "CREDIT_CARD")]
    [InlineData("4242-4242-4242-4242", "CREDIT_CARD")]
    [InlineData("3782 822463 10005", "CREDIT_CARD")]
    [InlineData("6011000990139424", "CREDIT_CARD")]
    [InlineData("DE89 3704 0044 0532 0130 00", "IBAN")]
    [InlineData("GB29 NWBK 6016 1331 9268 19", "IBAN")]
    [InlineData("de89370400440532013000", "IBAN")]
    [InlineData("123-45-6789", "US_SSN")]
    [InlineData("jane.doe@example.com", "EMAIL")]
    [InlineData("user@sub.domain.co.uk", "EMAIL")]
    [InlineData("+1-415-555-0132", "PHONE")]
    [InlineData("+1 (415) 555-0132", "PHONE")]
    [InlineData("+442079460958", "PHONE")]
    [InlineData("g" + "hp_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq17", "GITHUB_TOKEN")] // the example of GitHub's documentation
    [InlineData("g" + "hp_abcdefghijklmnopqrstuvwxyz0123456789", "GITHUB_TOKEN")]
    [InlineData("sk_" + "test_4eC39HqLyjWDarjtT1zdp7dc", "STRIPE_KEY")]
    [InlineData("xo" + "xb-123456789012-123456789012-abcdefghijklmnopqrstuvwx", "SLACK_TOKEN")]
    [InlineData("AK" + "IAQWERTYUIOPASDF23", "AWS_ACCESS_KEY")]
    [InlineData("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9" + ".eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c", "JWT")] // jwt.io's
    [InlineData("sk-" + "ant-api03-abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-abcdefghijklmnopqrstuvwxyz0AA", "ANTHROPIC_KEY")]
    [InlineData("sk-" + "abcdefghijklmnopqrstT3BlbkFJabcdefghijklmnopqrst", "OPENAI_KEY")]
    public void Well_known_examples_are_found(string value, string type)
    {
        foreach (string around in new[] { "{0}", "it is {0}.", "x={0}&y=1", "\"{0}\"", "first {0}, second" })
        {
            Assert.Equal(string.Format(around, $"[{type}]"), Redactor.Redact(string.Format(around, value)).Text);
        }
    }

    [Fact]
    public void Without_a_find_hardly_anything_is_allocated()
    {
        string text = string.Concat(Enumerable.Repeat("The quick brown fox of the request 42 jumps over src/Foo.Bar/Baz.cs at 10:11:12, x = y + 1; ", 200));
        byte[] json = System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(new { messages = Enumerable.Repeat(new { role = "user", content = text }, 10) });
        JsonRedactor whole = new(DetectorSet.Default);
        StreamRedactor stream = new(DetectorSet.Default);
        Assert.InRange(Least(() => Redactor.Redact(text)), 0, 400);
        Assert.InRange(Least(() => whole.Redact(json)), 0, 16_000);
        Assert.InRange(Least(() => stream.Append("twelve chars")), 0, 256); // the text that is given back

        static long Least(Action run)
        {
            long least = long.MaxValue;
            for (int i = 0; i < 20; i++)
            {
                long before = GC.GetAllocatedBytesForCurrentThread();
                run();
                least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
            }

            return least;
        }
    }

    [Fact]
    public void Overlapping_finds_become_one_placeholder_of_the_first() =>
        Assert.Equal("https://[URL_CREDENTIALS]@db.acme.com/", Redactor.Redact("https://svc:ab@cd@db.acme.com/").Text);

    [Fact]
    public void A_redacted_text_stays_as_it_is()
    {
        foreach (Detectors.Corpus.Case c in Detectors.Corpus.Hits)
        {
            string once = Redactor.Redact(c.Text).Text;
            Assert.Equal(once, Redactor.Redact(once).Text);
        }
    }

    [Fact]
    public void Nothing_found_gives_the_same_text_back()
    {
        string text = "nothing to see here";
        Assert.Same(text, Redactor.Redact(text).Text);
        Assert.Same(text, new TextRedactor(DetectorSet.Empty).Redact(text).Text);
    }

    [Fact]
    public void Long_tokens_are_covered_to_their_end()
    {
        string secret = "ya29." + Noise(5000);
        Assert.Equal("t=[GOOGLE_OAUTH], next", Redactor.Redact($"t={secret}, next").Text);
        Assert.Equal("Authorization: Bearer [AUTHORIZATION] next", Redactor.Redact($"Authorization: Bearer {Noise(20_000)} next").Text);
    }

    [Fact]
    public void A_swallowed_run_ends_at_its_cap()
    {
        string redacted = Redactor.Redact("Authorization: Bearer " + Noise(100_000)).Text;
        Assert.InRange(redacted.Length, 100_000 - 65_536 - 300, 100_000 - 65_536 + 300);
    }

    [Fact]
    public void A_key_that_is_cut_off_is_covered_as_far_as_it_goes() =>
        Assert.Equal("[PRIVATE_KEY]", Redactor.Redact("-----BEGIN RSA PRIVATE KEY-----\n" + Noise(90)).Text);

    [Fact]
    public void Any_text_is_taken()
    {
        Random random = new(5);
        StringBuilder text = new();
        for (int i = 0; i < 3000; i++)
        {
            text.Clear();
            for (int n = random.Next(200); n > 0; n--)
            {
                text.Append((char)(random.Next(4) == 0 ? random.Next(65536) : Signs[random.Next(Signs.Length)]));
            }

            string s = text.ToString();
            StreamRedactor stream = new(DetectorSet.Default);
            int cut = random.Next(s.Length + 1);
            Assert.Equal(Redactor.Redact(s).Text, stream.Append(s.AsSpan(0, cut)) + stream.Append(s.AsSpan(cut)) + stream.Flush());
        }
    }

    private static string Noise(int length)
    {
        Random random = new(length);
        return string.Concat(Enumerable.Range(0, length).Select(_ => "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"[random.Next(62)]));
    }
}
