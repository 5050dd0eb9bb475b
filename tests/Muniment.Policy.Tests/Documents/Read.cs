using Muniment.Policy.Documents;

namespace Muniment.Policy.Tests.Documents;

/// <summary>Short cuts.</summary>
internal static class Read
{
    public static PolicyDocument Document(string text)
    {
        ParsedPolicy parsed = PolicyParser.Parse(text);
        Assert.True(parsed.IsOk, string.Join("\n", parsed.Errors));
        return parsed.Document;
    }

    public static string Errors(string text)
    {
        ParsedPolicy parsed = PolicyParser.Parse(text);
        Assert.Null(parsed.Document);
        Assert.NotEmpty(parsed.Errors);
        return string.Join("\n", parsed.Errors);
    }
}
