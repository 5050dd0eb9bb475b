using System.Text;
using Muniment.Gateway.Llm.Texts;
using Muniment.Gateway.Llm.Json;

namespace Muniment.Gateway.Tests.Llm.Texts;

public class TextFinderTests
{
    private const string Chat = """
        {"model":"gpt-4o","stream":true,"messages":[
          {"role":"system","content":"S1"},
          {"role":"user","name":"N1","content":[{"type":"text","text":"U1"},{"type":"image_url","image_url":{"url":"https://x.example/p.png"}},{"type":"refusal","refusal":"R1"}]},
          {"role":"assistant","content":null,"tool_calls":[{"id":"call_1","type":"function","function":{"name":"F1","arguments":"{\"q\":\"A1\"}"}}],"reasoning_content":"T1"},
          {"role":"tool","tool_call_id":"call_1","content":"O1"},
          {"role":"user","content":"U2"}],
         "tools":[{"type":"function","function":{"name":"F1","description":"D1","parameters":{"type":"object","properties":{"q":{"type":"string","description":"P1","enum":["E1"],"default":"V1"}}}}}],
         "prediction":{"type":"content","content":"X1"},"metadata":{"k":"M1"},"user":"W1","not_known_yet":{"deep":["Z1"]}}
        """;

    private const string Responses = """
        {"model":"o3","instructions":"I1","previous_response_id":"resp_1","input":[
          {"role":"user","content":[{"type":"input_text","text":"U1"},{"type":"input_image","image_url":"https://x.example/p.png"},{"type":"input_file","file_id":"file_1"}]},
          {"type":"function_call","call_id":"c1","name":"F1","arguments":"A1"},{"type":"function_call_output","call_id":"c1","output":"O1"},
          {"type":"custom_tool_call","call_id":"c2","name":"F2","input":"B1"},{"type":"reasoning","summary":[{"type":"summary_text","text":"T1"}],"encrypted_content":"ENC"},
          {"type":"mcp_call","name":"F3","arguments":"A2","output":"O2"}],
         "tools":[{"type":"function","name":"F1","description":"D1","parameters":{"description":"P1"}}]}
        """;

    private const string Messages = """
        {"model":"claude","max_tokens":10,"system":[{"type":"text","text":"S1","cache_control":{"type":"ephemeral"}}],"messages":[
          {"role":"user","content":[{"type":"text","text":"U1"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"PNG"}},
             {"type":"document","source":{"type":"text","media_type":"text/plain","data":"X1"},"title":"Y1","context":"Z1"},{"type":"search_result","source":"Q1","title":"Q2","content":[{"type":"text","text":"Q3"}]}]},
          {"role":"assistant","content":[{"type":"thinking","thinking":"T1","signature":"ENC"},{"type":"redacted_thinking","data":"ENC"},{"type":"tool_use","id":"tu_1","name":"F1","input":{"q":"A1","list":[{"deep":"A2"}]}}]},
          {"role":"user","content":[{"type":"tool_result","tool_use_id":"tu_1","content":[{"type":"text","text":"O1"}]},{"type":"tool_result","tool_use_id":"tu_2","content":"O2"}]}],
         "tools":[{"name":"F1","description":"D1","input_schema":{"type":"object","properties":{"q":{"description":"P1"}}}}],"metadata":{"user_id":"M1"},"stop_sequences":["K1"]}
        """;

    [Theory]
    [InlineData(Chat, "S1 N1 U1 R1 F1 A1 T1 O1 U2 D1 P1 E1 V1 X1 M1 W1 Z1")]
    [InlineData(Responses, "I1 U1 F1 A1 O1 B1 T1 A2 O2 D1 P1")]
    [InlineData(Messages, "S1 U1 X1 Y1 Z1 Q1 Q2 Q3 T1 A1 A2 O1 O2 D1 P1 M1 K1 F1")]
    public void Every_text_is_found_wherever_it_stands(string body, string expected)
    {
        TextFinder finder = Find(body);
        foreach (string text in expected.Split(' '))
        {
            Assert.Contains(finder.Texts, site => site.Text.Contains(text, StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData(Chat, "S1=System U1=User R1=User A1=ToolArguments T1=Reasoning O1=Tool U2=User D1=ToolDefinition P1=ToolDefinition")]
    [InlineData(Responses, "I1=System U1=User A1=ToolArguments O1=Tool B1=ToolArguments T1=Reasoning D1=ToolDefinition")]
    [InlineData(Messages, "S1=System U1=User T1=SignedReasoning A1=ToolArguments A2=ToolArguments O1=Tool O2=Tool D1=ToolDefinition")]
    public void Texts_know_whose_they_are(string body, string expected)
    {
        TextFinder finder = Find(body);
        foreach (string pair in expected.Split(' '))
        {
            string[] parts = pair.Split('=');
            TextSite site = finder.Texts.First(s => s.Text.Contains(parts[0], StringComparison.Ordinal));
            Assert.Equal(parts[1], site.Role.ToString());
        }
    }

    [Fact]
    public void What_cannot_be_seen_is_named_with_the_reason()
    {
        string sealedText = Convert.ToBase64String(new byte[300]);
        Assert.Equal(["/messages/1/content/1/image_url/url image"], Unseen(Chat));
        Assert.Equal(
            ["/previous_response_id server_history", "/input/0/content/1/image_url image", "/input/0/content/2/file_id server_history", "/input/4/encrypted_content encrypted"],
            Unseen(Responses.Replace("ENC", sealedText)));
        Assert.Equal(
            ["/messages/0/content/1/source/data image", "/messages/1/content/0/signature encrypted", "/messages/1/content/1/data encrypted"],
            Unseen(Messages.Replace("ENC", sealedText).Replace("PNG", sealedText)));
        Assert.Equal(["/input encrypted"], Unseen("""{"model":"e","input":[[1,2],[3]]}"""));
        Assert.Equal(["/prompt encrypted"], Unseen("""{"model":"e","prompt":[ 1,2]}"""));
    }

    [Fact]
    public void A_text_does_not_hide_under_the_name_of_media()
    {
        TextFinder finder = Find("""{"source":{"type":"base64","data":"my key is AKIA and here is a lot of text to make it long enough to be taken for media, but spaces are not base64, nor are these: ,,,, so it is read like anything else, however long it grows to be in the end, which is a good deal longer than that"}}""");
        Assert.Single(finder.Texts, site => site.Text.Contains("AKIA"));
        Assert.Empty(finder.Unseen);
    }

    [Fact]
    public void Long_numbers_odd_names_and_words_too_long_for_the_protocol_are_texts()
    {
        TextFinder finder = Find("""{"created":1700000000000,"input":{"card":4111111111111111,"ghp_x9 !":1},"type":"ghp_0123456789012345678901234567890123456","role":"a b"}""");
        Assert.Equal(["4111111111111111", "ghp_x9 !", "ghp_0123456789012345678901234567890123456", "a b"], finder.Texts.Select(site => site.Text));
        Assert.True(finder.Texts[1].IsName);
    }

    [Fact]
    public void More_texts_than_the_limit_are_said_to_be_unseen()
    {
        TextFinder finder = Find("[" + string.Join(",", Enumerable.Repeat("\"ab\"", TextFinder.MaxTexts + 5)) + "]");
        Assert.Equal(TextFinder.MaxTexts, finder.Texts.Count);
        Assert.Equal($"/{TextFinder.MaxTexts} over_limit", Assert.Single(finder.Unseen) is var part ? $"{part.Pointer} {part.Why}" : "");
    }

    private static string[] Unseen(string body) => [.. Find(body).Unseen.Select(part => $"{part.Pointer} {part.Why}")];

    private static TextFinder Find(string body)
    {
        var tape = new JsonTape();
        Assert.Equal(JsonFault.None, tape.Read(Encoding.UTF8.GetBytes(body), refuseRepeated: true));
        var finder = new TextFinder();
        finder.Find(tape);
        return finder;
    }
}
