using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json;
using Muniment.Testing;
using Muniment.Testing.Upstreams;

namespace Muniment.EndToEnd.Tests;

/// <summary>The official <c>openai</c> and <c>@anthropic-ai/sdk</c> packages as clients: right texts, right error classes, no retries on a deny, no silent truncation.</summary>
public sealed class OfficialSdkTests
{
    private const string Packages = "openai@6.49.0 @anthropic-ai/sdk@1.11.0";

    [SkippableFact]
    public async Task They_work_through_the_gateway()
    {
        string modules = await InstallAsync();
        using var directory = new TemporaryDirectory();
        await using FakeUpstream upstream = await FakeUpstream.StartAsync();
        upstream.Answer = new FakeAnswer { Text = "mail jane.roe" + "@" + "contoso-bank.de now", Arguments = "{\"to\":\"jane.roe" + "@" + "contoso-bank.de\"}", Fragment = 4 };
        upstream.Intercept = async (context, request) =>
        {
            if (!request.Text.Contains("cut-1", StringComparison.Ordinal))
            {
                return false;
            }

            // A stream that breaks off after its first frame.
            context.Response.ContentType = "text/event-stream";
            string frame = request.Path.EndsWith("messages", StringComparison.Ordinal)
                ? "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"m\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"x\",\"content\":[],\"usage\":{\"input_tokens\":1,\"output_tokens\":1}}}\n\n"
                : request.Path.EndsWith("responses", StringComparison.Ordinal)
                    ? "event: response.created\ndata: {\"type\":\"response.created\",\"response\":{\"id\":\"r\",\"status\":\"in_progress\",\"output\":[]},\"sequence_number\":0}\n\n"
                    : "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"half of it \"}}]}\n\n";
            await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(frame));
            await context.Response.Body.FlushAsync();
            return true;
        };
        await using PlatformProcess platform = await PlatformProcess.StartAsync(directory.Path);
        using HttpClient admin = platform.CreateClient();
        await PutAsync(admin, "upstreams/oai", $"{{\"kind\":\"openai\",\"base_url\":\"{upstream.Address}/v1\",\"credential\":\"{FakeUpstream.Key}\"}}");
        await PutAsync(admin, "upstreams/ant", $"{{\"kind\":\"anthropic\",\"base_url\":\"{upstream.Address}\",\"credential\":\"{FakeUpstream.Key}\"}}");
        await PutAsync(admin, "policies/guard", """
            rules:
              - { id: models, on: [model.invoke], when: { model.requested|startswith: forbidden }, then: deny }
              - { id: mail, on: [model.invoke, model.respond], detect: [email], then: redact }
            """);
        string key = await admin.CreateKeyAsync(new { role = "agent", name = "sdk" });
        JsonElement results = await RunAsync(modules, platform.Http.ToString().TrimEnd('/'), key);
        string Text(string name) => results.GetProperty(name).ValueKind is JsonValueKind.Object ? results.GetProperty(name).GetRawText() : results.GetProperty(name).ToString();

        Assert.Equal("mail [EMAIL] now", Text("chat"));
        Assert.Equal("mail [EMAIL] now", Text("chat_stream"));
        Assert.Equal("mail [EMAIL] now|{\"to\":\"[EMAIL]\"}", Text("chat_helper"));
        Assert.Equal("mail [EMAIL] now", Text("responses"));
        Assert.Equal("mail [EMAIL] now|mail [EMAIL] now", Text("responses_stream"));
        Assert.Equal("mail [EMAIL] now", Text("messages"));
        Assert.Equal("mail [EMAIL] now|{\"to\":\"[EMAIL]\"}", Text("messages_helper"));
        Assert.Equal("gpt-4o,gpt-3.5,o3", Text("models"));
        Assert.Equal("42", Text("count"));
        foreach (string denied in (string[])["denied_chat", "denied_stream", "denied_messages"])
        {
            JsonElement error = results.GetProperty(denied);
            Assert.Equal(("PermissionDeniedError", 403, "policy_denied"), (error.GetProperty("error").GetString(), error.GetProperty("status").GetInt32(), error.GetProperty("code").GetString()));
            string id = error.GetProperty("request").GetString()!;
            Assert.Single(await admin.EventsAsync("decision=" + id)); // one event: no retry, nothing forwarded
        }

        foreach (string cut in (string[])["cut_chat", "cut_responses", "cut_messages"])
        {
            Assert.True(results.GetProperty(cut).ValueKind is JsonValueKind.Object, $"{cut} ended as if it were whole: {Text(cut)}");
        }

        Assert.DoesNotContain(upstream.Requests, request => request.Text.Contains("forbidden", StringComparison.Ordinal) || request.Text.Contains("contoso", StringComparison.Ordinal));
        Assert.Empty(upstream.Refused);
    }

    private static async Task PutAsync(HttpClient admin, string path, string body)
    {
        using HttpResponseMessage response = await admin.PutAsync("api/v1/" + path, Api.Json(body, body.StartsWith('{') ? "application/json" : "application/yaml"));
        Assert.True(response.StatusCode is HttpStatusCode.OK or HttpStatusCode.Created, $"{path}: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}");
    }

    private static async Task<string> InstallAsync()
    {
        var at = new DirectoryInfo(AppContext.BaseDirectory);
        while (at.Parent is not null && at.Name != "artifacts")
        {
            at = at.Parent;
        }

        string directory = Path.Combine(at.Parent is null ? AppContext.BaseDirectory : at.FullName, "npm", "sdks");
        Directory.CreateDirectory(directory);
        if (!Directory.Exists(Path.Combine(directory, "node_modules", "openai")) || !Directory.Exists(Path.Combine(directory, "node_modules", "@anthropic-ai")))
        {
            (int code, string output) = await ExecuteAsync("npm", ["install", "--no-audit", "--no-fund", "--no-package-lock", .. Packages.Split(' ')], directory, TimeSpan.FromSeconds(60));
            Skip.IfNot(code == 0, "npm cannot install the official SDKs here, so they were not run: " + output[..Math.Min(300, output.Length)]);
        }

        File.Copy(Path.Combine(AppContext.BaseDirectory, "Sdk", "sdk.mjs"), Path.Combine(directory, "sdk.mjs"), overwrite: true);
        return directory;
    }

    private static async Task<JsonElement> RunAsync(string directory, string url, string key)
    {
        (int code, string output) = await ExecuteAsync("node", ["sdk.mjs", url, key], directory, TimeSpan.FromMinutes(3));
        Assert.True(code == 0, output);
        return JsonDocument.Parse(output[output.IndexOf('{', StringComparison.Ordinal)..]).RootElement;
    }

    private static async Task<(int Code, string Output)> ExecuteAsync(string file, string[] arguments, string directory, TimeSpan limit)
    {
        try
        {
            var start = new ProcessStartInfo(file) { WorkingDirectory = directory, RedirectStandardOutput = true, RedirectStandardError = true };
            foreach (string argument in arguments)
            {
                start.ArgumentList.Add(argument);
            }

            using Process process = Process.Start(start)!;
            using var timeout = new CancellationTokenSource(limit);
            Task<string> errors = process.StandardError.ReadToEndAsync(timeout.Token);
            string output = await process.StandardOutput.ReadToEndAsync(timeout.Token);
            await process.WaitForExitAsync(timeout.Token);
            return (process.ExitCode, process.ExitCode == 0 ? output : output + await errors);
        }
        catch (Exception e) when (e is System.ComponentModel.Win32Exception or OperationCanceledException)
        {
            return (-1, e.Message);
        }
    }
}
