using System.CommandLine;
using System.Net.Http.Headers;
using System.Text.Json;
using Muniment.Cli.Hooks;

namespace Muniment.Cli.Commands;

/// <summary>
/// <c>hook</c>: a command for agents' own hooks. Reads the hook's JSON from standard input, asks <c>POST decide</c>, and answers in the agent's words with exit code 0. When nothing could be asked, <c>--fail
/// closed</c> stops the tool (exit code 2, which each of the agents takes as a block, with the reason on standard error) and <c>--fail open</c> lets it pass and says so.
/// </summary>
internal static class HookCommand
{
    /// <summary>Largest input that is read.</summary>
    public const int MaxInputBytes = 8 << 20;

    public static Command Create()
    {
        var agent = new Option<string?>("--agent") { Description = "claude-code, codex or gemini-cli (default: told by the input)" };
        var fail = new Option<string>("--fail") { Description = "closed: the tool is stopped when nothing can be asked; open: it passes", DefaultValueFactory = _ => "closed" };
        var timeout = new Option<int>("--timeout-ms") { Description = "Longest wait for the decision", DefaultValueFactory = _ => 10_000 };
        var command = new Command("hook", "Answer an agent's hook (Claude Code and Codex PreToolUse, Gemini CLI BeforeTool) with the platform's decision.") { agent, fail, timeout };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            bool closed = parsed.GetValue(fail) switch { "closed" => true, "open" => false, var other => throw new UnusableException($"--fail {other}: expected closed or open.") };
            HookAgent? named = parsed.GetValue(agent) switch
            {
                null => null,
                "claude-code" => HookAgent.ClaudeCode,
                "codex" => HookAgent.Codex,
                "gemini-cli" or "qwen-code" => HookAgent.GeminiCli,
                var other => throw new UnusableException($"--agent {other}: expected claude-code, codex or gemini-cli."),
            };
            int waitMs = parsed.GetValue(timeout);
            if (waitMs is < 1 or > 600_000)
            {
                throw new UnusableException($"--timeout-ms {waitMs}: expected 1 to 600000.");
            }

            try
            {
                HookCall call = HookCall.Read(await ReadAsync(cancellationToken), named, out string why) ?? throw new UnusableException(why);
                using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                patience.CancelAfter(waitMs);
                Console.WriteLine(HookAnswer.Of(call.Agent, await AskAsync(parsed, call, patience.Token)));
                return ExitCodes.Ok;
            }
            catch (Exception e) when (e is UnusableException or HttpRequestException or IOException or JsonException or KeyNotFoundException or InvalidOperationException
                || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                string reason = e is OperationCanceledException ? $"no decision within {waitMs} ms" : e.Message;
                Console.Error.WriteLine(closed ? $"Muniment could not decide, so the tool is stopped: {reason}" : $"Muniment could not decide, and the tool passes (--fail open): {reason}");
                return closed ? ExitCodes.Unusable : Pass();
            }
        });
        return command;
    }

    private static int Pass()
    {
        Console.WriteLine(HookAnswer.Nothing);
        return ExitCodes.Ok;
    }

    private static async Task<JsonElement> AskAsync(ParseResult parsed, HookCall call, CancellationToken cancellationToken)
    {
        using HttpClient client = Connection.Open(parsed);
        using var content = new ReadOnlyMemoryContent(call.Body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using HttpResponseMessage response = await client.PostAsync("api/v1/decide", content, cancellationToken);
        string text = await response.Content.ReadAsStringAsync(cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            throw new UnusableException($"the platform answered {(int)response.StatusCode}: {text}");
        }

        using JsonDocument document = JsonDocument.Parse(text);
        return document.RootElement.Clone();
    }

    private static async Task<byte[]> ReadAsync(CancellationToken cancellationToken)
    {
        await using Stream input = Console.OpenStandardInput();
        using var buffer = new MemoryStream();
        byte[] chunk = new byte[16 * 1024];
        for (int read; (read = await input.ReadAsync(chunk, cancellationToken)) > 0;)
        {
            if (buffer.Length + read > MaxInputBytes)
            {
                throw new UnusableException($"standard input is larger than {MaxInputBytes} bytes");
            }

            buffer.Write(chunk, 0, read);
        }

        return buffer.ToArray();
    }
}
