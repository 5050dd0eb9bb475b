using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Muniment.Gateway.Access;

namespace Muniment.Host.Tests;

/// <summary>The matrix for <c>decide</c>: whatever place of its body a text stands in, however it is written, it is replaced in the answer and seen by conditions.</summary>
[Collection(nameof(RealHost))]
public sealed class DecideMatrixTests(RealHost host)
{
    private const string Secret = "jane.roe" + "@" + "contoso-bank.de";

    private readonly string _project = "m" + Guid.NewGuid().ToString("N")[..10];

    public static TheoryData<string, string> Places => new()
    {
        { "content", """{"action":"model.invoke","content":T}""" },
        { "system", """{"action":"model.invoke","content":{"messages":[{"role":"system","content":T},{"role":"user","content":"x"}]}}""" },
        { "first message", """{"action":"model.invoke","content":{"messages":[{"role":"user","content":T},{"role":"user","content":"x"}]}}""" },
        { "last message", """{"action":"model.invoke","content":{"messages":[{"role":"user","content":"x"},{"role":"user","content":T}]}}""" },
        { "content part", """{"action":"model.invoke","content":[{"type":"text","text":"x"},{"type":"text","text":T}]}""" },
        { "tool result", """{"action":"model.invoke","content":{"messages":[{"role":"tool","content":[{"type":"text","text":T}]}]}}""" },
        { "tool definition", """{"action":"model.invoke","content":{"tools":[{"name":"f","description":T,"parameters":{"properties":{"a":{"default":T}}}}]}}""" },
        { "tool arguments", """{"action":"tool.call","tool":{"name":"mail","args":{"a":[{"to":T}]}}}""" },
        { "name of an argument", """{"action":"tool.call","tool":{"name":"mail","args":{T:1}}}""" },
        { "argument as json", """{"action":"tool.call","tool":{"name":"mail","args":{"body":J}}}""" },
        { "args as text", """{"action":"tool.call","tool":{"name":"mail","args":J}}""" },
        { "command", """{"action":"command.execute","tool":{"name":"bash","command":T}}""" },
        { "any action", """{"action":"thing.done","content":T}""" },
    };

    [Theory]
    [MemberData(nameof(Places))]
    public async Task No_place_lets_a_secret_through(string place, string body)
    {
        string key = await SetUpAsync("{ id: mail, on: ['*'], detect: [email], then: redact }");
        foreach (string disguise in Disguises())
        {
            string answer = await DecideAsync(key, Fill(body, disguise));
            JsonElement verdict = JsonElement.Parse(answer);
            Assert.True(verdict.GetProperty("result").GetString() is "redacted", $"{place}: {answer}");
            string shown = Regex.Unescape(Regex.Replace(answer, @"\\(?!u)", "")).Replace("\u200b", "", StringComparison.Ordinal).Normalize(NormalizationForm.FormKC);
            Assert.True(!shown.Contains("contoso", StringComparison.Ordinal) && shown.Contains("[EMAIL]", StringComparison.Ordinal), $"{place}: {answer}");
        }
    }

    [Theory]
    [MemberData(nameof(Places))]
    public async Task No_place_is_hidden_from_a_condition(string place, string body)
    {
        string key = await SetUpAsync("{ id: word, on: ['*'], when: { content|contains: contoso-bank }, then: deny }");
        foreach (string written in (string[])[Secret, string.Concat(Secret.Select(c => $"\\u{(int)c:x4}"))])
        {
            string answer = await DecideAsync(key, Fill(body, written));
            Assert.True(JsonElement.Parse(answer) is var verdict && verdict.GetProperty("result").GetString() is "denied" && verdict.GetProperty("policy").GetProperty("rule").GetString() is "word", $"{place}: {answer}");
        }
    }

    private async Task<string> SetUpAsync(string rule)
    {
        await SendAsync("PUT", "/api/v1/policies/m-" + _project, $"scope: project:{_project}\nrules:\n  - {rule}\n", host.Key(Role.Admin));
        return JsonElement.Parse(await SendAsync("POST", "/api/v1/keys", $$"""{"role":"agent","project":"{{_project}}"}""", host.Key(Role.Admin))).GetProperty("key").GetString()!;
    }

    private Task<string> DecideAsync(string key, string body) => SendAsync("POST", "/api/v1/decide", body, key);

    private async Task<string> SendAsync(string method, string path, string body, string key)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.TryAddWithoutValidation("x-api-key", key);
        using HttpResponseMessage answer = await host.Http.SendAsync(request);
        string text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"{(int)answer.StatusCode} {text}");
        return text;
    }

    private static string Fill(string template, string written)
    {
        string text = $"\"to {written} x\"", json = $"\"{{\\\"to\\\":\\\"{written.Replace("\\u", "\\\\u", StringComparison.Ordinal)}\\\"}}\"";
        return template.Replace(":T", ":" + text, StringComparison.Ordinal).Replace("{T:", "{" + text + ":", StringComparison.Ordinal).Replace(":J", ":" + json, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Disguises()
    {
        yield return Secret;
        yield return string.Concat(Secret.Select(c => $"\\u{(int)c:x4}"));
        yield return Secret.Replace("contoso", "con\u200btoso", StringComparison.Ordinal);
        yield return string.Concat(Secret.Select(c => c is '@' or '.' or '-' ? c : (char)(c + 0xFEE0)));
    }
}
