using System.Text;
using Muniment.Events.Canonical;
using Muniment.Journal.Text;

namespace Muniment.Journal.Tests.Text;

public class TextWordsTests
{
    [Theory]
    [InlineData("Hello, WORLD! hello", "hello|world")]
    [InlineData("src/App.cs:42", "src|app|cs|42")]
    [InlineData("ÄRGER Straße ΣΊΣΥΦΟΣ", "ärger|straße|σίσυφοσ")]
    [InlineData("snake_case kebab-case", "snake|case|kebab")]
    [InlineData("  ", "")]
    [InlineData("日本語 テスト", "日本語|テスト")]
    public void Words_are_runs_of_letters_and_digits_folded(string text, string expected) => Assert.Equal(expected, string.Join('|', TextWords.Split(text)));

    [Fact]
    public void Long_runs_count_by_their_beginning() =>
        Assert.Equal([new string('a', TextWords.MaxWordBytes)], TextWords.Split(new string('A', 5000)).ToArray());

    [Fact]
    public void The_matcher_sees_fields_and_strings_of_the_details()
    {
        CanonicalEvent canonical = new()
        {
            Id = "x", Action = "file.Read", Target = "prod-DB", Reason = "because",
            Details = Encoding.UTF8.GetBytes("""{"name":"Gr\u00fc\u00dfe \"quoted\"","list":["deep",{"n":"Er"}],"count":7}"""),
        };

        Assert.True(new TextMatcher(TextWords.Split("READ db because")).Matches(canonical));
        Assert.True(new TextMatcher(TextWords.Split("grüße quoted deep er")).Matches(canonical));
        Assert.False(new TextMatcher(TextWords.Split("read missing")).Matches(canonical));
        Assert.False(new TextMatcher(TextWords.Split("count")).Matches(canonical)); // names are not text
        Assert.True(new TextMatcher([]).Matches(canonical));
    }
}
