using System.Globalization;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Muniment.Policy.Documents;
using Muniment.Policy.Documents.Reading;
using Muniment.Policy.Predicates;

namespace Muniment.Policy.Tests.Documents;

public sealed class PolicyParserProperties
{
    private static readonly Gen<string> Texts = Gen.Elements("a", "true", "null", "12", "0x1F", "1.10", "~", "", " x ", "- y", "k: v", "#c", "ü😀", "\"q\"", "'q'", "\\", "line\nbreak", "\t", "*a", "&a", "on", "2026-01-01", "\u0001", "\u0085");

    private static Gen<RuleNode> Scalars => Gen.OneOf(
        Texts.Select(t => Node(RuleNodeKind.Text, t)),
        Gen.Choose(-1000, 1000).Select(n => Node(RuleNodeKind.Number, n.ToString(CultureInfo.InvariantCulture))),
        Gen.Elements("1.5", "-0.25", "1e3", "12345678901234567890").Select(n => Node(RuleNodeKind.Number, n)),
        Gen.Elements("true", "false").Select(b => Node(RuleNodeKind.Boolean, b)),
        Gen.Constant(Node(RuleNodeKind.Null, "")));

    private static RuleNode Node(RuleNodeKind kind, string text) => RuleNode.Scalar(kind, "", 0, text);

    private static Gen<RuleNode> Nodes(int size) => size <= 0 ? Scalars : Gen.Frequency(
        (2, Scalars),
        (2, Nodes(size / 3).ListOf().Select(l => RuleNode.List("", 0, [.. l.Take(4)]))),
        (3, Gen.Zip(Texts.Where(t => t.Length > 0), Nodes(size / 3)).ListOf().Select(l => RuleNode.Map("", 0, [.. l.DistinctBy(m => m.Item1).Take(4).Select(m => new RuleMember(m.Item1, m.Item2))]))));

    /// <summary>Any content, printed as canonical JSON and as YAML in two styles, reads as the same content.</summary>
    [Fact]
    public void WhatIsPrintedReadsAsItWas()
    {
        Gen<RuleNode> maps = Nodes(30).ListOf().Select(l => RuleNode.Map("", 0, [.. l.Take(5).Select((n, i) => new RuleMember("k" + i, n))]));
        Prop.ForAll(maps.ToArbitrary(), node =>
        {
            string json = CanonicalJson.Write(node, "");
            foreach (string printed in (string[])[json, Yaml(node, 0), "\uFEFF" + json, "# comment\n" + json.Replace("\u0085", "\\u0085", StringComparison.Ordinal)])
            {
                DocumentNodes read = DocumentNodes.Read(printed);
                Assert.True(read.Root is not null, $"{read.Error}\n{printed}");
                Assert.Equal(json, CanonicalJson.Write(read.Root, ""));
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));
    }

    /// <summary>Documents made of the grammar's own words: either a document that prints to one with the same digest, or errors that name a place.</summary>
    [Fact]
    public void ParseOfPrintIsTheSameDocument()
    {
        Gen<string> rules = from id in Gen.Elements("a", "b", "c")
                            from actions in Gen.Elements("[model.invoke]", "tool.call", "['*']", "[event.ingest]")
                            from when in Gen.Elements("{}", "{model.requested: x}", "{content|contains: k}", "{a: {target: x}, condition: not a}", "[word]")
                            from then in Gen.Elements("deny", "ask", "allow", "modify, set: {max_tokens: 5}", "redact, detect: [email]")
                            from fail in Gen.Elements("", ", fail: open", ", fail: closed")
                            select $"{{id: {id}, on: {actions}, when: {when}, then: {then}{fail}}}";
        Gen<string> documents = from list in rules.ListOf()
                                from head in Gen.Elements("", "scope: org\n", "scope: project:p\nlock: true\n", "mode: shadow\ndefault: deny\n")
                                select $"{head}rules: [{string.Join(", ", list.Take(3))}]\n";
        Prop.ForAll(documents.ToArbitrary(), text =>
        {
            ParsedPolicy parsed = PolicyParser.Parse(text);
            if (!parsed.IsOk)
            {
                Assert.All(parsed.Errors, e => Assert.True(e.Line > 0 && e.Column > 0 && e.Message.Length > 0));
                return;
            }

            PolicyDocument again = Read.Document(parsed.Document.CanonicalJson);
            Assert.Equal(parsed.Document.Digest, again.Digest);
            Assert.Equal(parsed.Document.CanonicalJson, again.CanonicalJson);
            Assert.Equal(parsed.Document.Rules.Select(r => (r.Id, r.Then, r.Fail, string.Join(' ', r.On))), again.Rules.Select(r => (r.Id, r.Then, r.Fail, string.Join(' ', r.On))));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(400));
    }

    [Fact]
    public void NoBytesMakeItThrow()
    {
        byte[] valid = Encoding.UTF8.GetBytes(PolicyParserTests.Contract);
        Gen<byte[]> noise = Gen.Elements("rules:", "- ", "{", "}", "[", "]", "id: a", "\n", "  ", "&a ", "*a", "!!str ", "!<x> ", "? ", ": ", "|\n", ">-\n", "\"", "'", "%YAML 1.2\n", "---\n", "...\n", "\0", "\uFEFF", "<<: ", "#", "\\x", "\t", ",")
            .ListOf().Select(parts => Encoding.UTF8.GetBytes(string.Concat(parts)));
        Gen<byte[]> cut = Gen.Choose(0, valid.Length).Select(n => valid[..n]);
        Gen<byte[]> flipped = Gen.Zip(Gen.Choose(0, valid.Length - 1), Gen.Choose(0, 255)).Select(p =>
        {
            byte[] copy = [.. valid];
            copy[p.Item1] = (byte)p.Item2;
            return copy;
        });
        Gen<byte[]> any = Gen.Choose(0, 255).Select(b => (byte)b).ArrayOf();
        Prop.ForAll(Gen.OneOf(noise, cut, flipped, any).ToArbitrary(), bytes =>
        {
            ParsedPolicy parsed = PolicyParser.Parse(bytes);
            Assert.Equal(parsed.IsOk, parsed.Errors.IsEmpty);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(3000).WithEndSize(60));
    }

    /// <summary>Block style, texts double-quoted or plain where that is safe. U+0085 ends a line in YAML 1.1, whose scanner this is, so it is escaped.</summary>
    private static string Yaml(RuleNode node, int indent)
    {
        string pad = new(' ', indent);
        return node.Kind switch
        {
            RuleNodeKind.Map when node.Members.Count > 0 => "\n" + string.Concat(node.Members.Reverse().Select(m => $"{pad}{Quote(m.Name)}: {Yaml(m.Value, indent + 2).TrimEnd('\n')}\n")),
            RuleNodeKind.List when node.Items.Count > 0 => "\n" + string.Concat(node.Items.Select(i => $"{pad}- {Yaml(i, indent + 2).TrimEnd('\n')}\n")),
            _ => CanonicalJson.Write(node, "") is var json && node.Kind == RuleNodeKind.Text ? Quote(node.Text) : json,
        };
    }

    private static string Quote(string text) => text.All(char.IsAsciiLetter) && text.Length > 0 && text is not ("true" or "false" or "null") ? text : CanonicalJson.Write(Node(RuleNodeKind.Text, text), "").Replace("\u0085", "\\u0085", StringComparison.Ordinal);
}
