using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;
using Muniment.Policy.Predicates.Values;

namespace Muniment.Policy.Tests.Predicates;

public sealed class WildcardProperties
{
    /// <summary>Against the framework's own backtracking engine over a small alphabet, where clashes are likely.</summary>
    [Fact]
    public void GlobAgreesWithTheRegexOfTheSameMeaning()
    {
        Gen<string> texts = Gen.Elements('a', 'b', 'A', '\\').ArrayOf().Select(c => new string(c));
        Gen<string> patterns = Gen.Elements('a', 'b', '*', '?', '\\').ArrayOf().Select(c => new string(c));
        Prop.ForAll(Gen.Zip(patterns, texts).ToArbitrary(), pair =>
        {
            List<PatternPiece> pieces = SigmaText.Read(pair.Item1);
            string regex = "^" + string.Concat(pieces.Select(p => p.Text is { } text ? Regex.Escape(text) : p.IsAny ? ".*" : ".")) + "$";
            bool expected = Regex.IsMatch(pair.Item2, regex, RegexOptions.IgnoreCase | RegexOptions.Singleline | RegexOptions.CultureInvariant);
            return new TextPattern(pieces, TextPlace.Whole, cased: false).Matches(pair.Item2) == expected;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(3000));
    }
}
