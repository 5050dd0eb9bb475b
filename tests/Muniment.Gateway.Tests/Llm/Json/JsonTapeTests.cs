using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Muniment.Gateway.Llm.Json;

namespace Muniment.Gateway.Tests.Llm.Json;

public class JsonTapeTests
{
    private static readonly JsonTape Tape = new();

    [Theory]
    [InlineData("""{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}]}""", "/messages/0/content", "hi")]
    [InlineData("""{"a/b":{"c~d":["x","\u0067\n\ud83d\ude00"]}}""", "/a~1b/c~0d/1", "g\n😀")]
    [InlineData("""{"m\u006fdel":"o3"}""", "/model", "o3")]
    [InlineData("""{"a":[1,2,"x"]}""", "/a/2", "x")]
    public void Values_are_found_by_pointer_and_decoded(string json, string pointer, string text)
    {
        var tape = new JsonTape();
        Assert.Equal(JsonFault.None, tape.Read(Encoding.UTF8.GetBytes(json)));
        int node = Enumerable.Range(0, tape.Count).Single(n => tape.Pointer(n) == pointer);
        Assert.Equal(text, tape.Text(node));
    }

    [Theory]
    [InlineData("""{"a":1,"a":2}""", JsonFault.Repeated)]
    [InlineData("""{"model":"x","m\u006fdel":"y"}""", JsonFault.Repeated)]
    [InlineData("""{"x":{"b":[{"c":1,"c":1}]}}""", JsonFault.Repeated)]
    [InlineData("""{"a":{"a":{"a":1}},"b":{"a":1}}""", JsonFault.None)]
    [InlineData("""{"a":1,}""", JsonFault.Malformed)]
    [InlineData("""{"a":1} {}""", JsonFault.Malformed)]
    [InlineData("", JsonFault.Malformed)]
    [InlineData("// c\n{}", JsonFault.Malformed)]
    public void Faults_are_told_apart(string json, object fault) => Assert.Equal((JsonFault)fault, new JsonTape().Read(Encoding.UTF8.GetBytes(json), refuseRepeated: true));

    [Fact]
    public void Bytes_that_are_no_utf8_and_depth_without_end_are_faults()
    {
        Assert.Equal(JsonFault.NotUtf8, new JsonTape().Read(new byte[] { (byte)'"', 0xC3, 0x28, (byte)'"' }));
        Assert.Equal(JsonFault.Malformed, new JsonTape().Read(Encoding.UTF8.GetBytes(new string('[', 10_000) + new string(']', 10_000))));
    }

    [Fact]
    public void A_repeated_name_is_found_among_many()
    {
        string members = string.Join(",", Enumerable.Range(0, 200).Select(i => $"\"m{i}\":{i}"));
        Assert.Equal(JsonFault.None, new JsonTape().Read(Encoding.UTF8.GetBytes($"{{{members}}}"), refuseRepeated: true));
        Assert.Equal(JsonFault.Repeated, new JsonTape().Read(Encoding.UTF8.GetBytes($"{{{members},\"m7\":0}}"), refuseRepeated: true));
    }

    [Fact]
    public void A_document_cut_at_any_byte_is_malformed()
    {
        byte[] whole = """{"a":["x\u00e9",1.5e3,true,null,{"b":"é"}]}"""u8.ToArray();
        for (int length = 0; length < whole.Length; length++)
        {
            Assert.NotEqual(JsonFault.None, new JsonTape().Read(whole.AsMemory(0, length)));
        }
    }

    [Fact]
    public void Encoding_and_decoding_lose_nothing() => Prop.ForAll(Texts().ToArbitrary(), text =>
    {
        var output = new System.Buffers.ArrayBufferWriter<byte>();
        JsonStrings.Encode(text, output);
        byte[] json = output.WrittenSpan.ToArray();
        return Tape.Read(json) is JsonFault.None && Tape.Text(0) == text;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Replacing_strings_leaves_every_other_byte() => Prop.ForAll(Texts().ListOf().ToArbitrary(), texts =>
    {
        byte[] json = Encoding.UTF8.GetBytes("{ \"list\" :\t[" + string.Join(" , ", texts.Select(Escape)) + "],\"n\":1.0e+1 }");
        var tape = new JsonTape();
        Assert.Equal(JsonFault.None, tape.Read(json));
        var edits = new JsonEdits();
        Assert.True(edits.Apply(tape.Document).Equals(tape.Document));
        int list = tape.Member(0, "list"u8);
        int index = 0;
        for (int node = tape.FirstChild(list); node >= 0; node = tape.NextSibling(node))
        {
            if (index++ % 2 == 0)
            {
                edits.ReplaceWithText(tape[node].Start, tape[node].End, "[" + tape.Text(node) + "]");
            }
        }

        ReadOnlyMemory<byte> edited = edits.Apply(tape.Document);
        string expected = "{ \"list\" :\t[" + string.Join(" , ", texts.Select((t, i) => i % 2 == 0 ? EscapeMinimal("[" + t + "]") : Escape(t))) + "],\"n\":1.0e+1 }";
        return Encoding.UTF8.GetString(edited.Span) == expected;
    }).QuickCheckThrowOnFailure();

    private static Gen<string> Texts() => Gen.ListOf(Gen.OneOf(
        Gen.Choose(0, 0x7F).Select(c => ((char)c).ToString()),
        Gen.Choose(0x80, 0xFFFF).Select(c => ((char)c).ToString()),
        Gen.Choose(0x10000, 0x10FFFF).Select(char.ConvertFromUtf32))).Select(string.Concat);

    private static string Escape(string text) => JsonSerializer.Serialize(text.EnumerateRunes().Aggregate(new StringBuilder(), (b, r) => b.Append(r.ToString())).ToString());

    private static string EscapeMinimal(string text)
    {
        var output = new System.Buffers.ArrayBufferWriter<byte>();
        JsonStrings.Encode(string.Concat(text.EnumerateRunes().Select(r => r.ToString())), output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
