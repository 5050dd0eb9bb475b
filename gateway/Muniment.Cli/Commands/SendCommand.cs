using System.CommandLine;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Muniment.Cli.Commands;

/// <summary><c>send</c>: canonical events from a file, standard input, or flags.</summary>
internal static class SendCommand
{
    public static Command Create()
    {
        var file = new Argument<string?>("file") { Description = "JSON event, array or NDJSON; - for standard input", Arity = ArgumentArity.ZeroOrOne };
        var actor = new Option<string?>("--actor") { Description = "Send one event: who, e.g. user:jo@example.com" };
        var action = new Option<string?>("--action") { Description = "… did what, e.g. repo.read" };
        var target = new Option<string?>("--target") { Description = "… to what" };
        var result = new Option<string?>("--result") { Description = "… how it ended (default: success)" };
        var command = new Command("send", "Send canonical events; returns when they are durable.") { file, actor, action, target, result };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            byte[] body;
            string type = "application/json";
            if (parsed.GetValue(actor) is { } who)
            {
                body = JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string?>
                {
                    ["actor"] = who,
                    ["action"] = parsed.GetValue(action) ?? throw new UnusableException("--action is missing: what did the actor do, e.g. --action repo.read?"),
                    ["result"] = parsed.GetValue(result) ?? "success",
                    ["target"] = parsed.GetValue(target),
                }.Where(p => p.Value is not null).ToDictionary());
            }
            else
            {
                body = await ReadAsync(parsed.GetValue(file), cancellationToken);
                type = LooksLikeLines(body) ? "application/x-ndjson" : type;
            }

            using HttpClient client = Connection.Open(parsed);
            using var content = new ByteArrayContent(body);
            content.Headers.ContentType = new MediaTypeHeaderValue(type);
            using HttpResponseMessage response = await client.PostAsync("api/v1/events", content, cancellationToken);
            using JsonDocument answer = (await Answers.ReadAsync(response, cancellationToken))!;
            JsonElement root = answer.RootElement;
            if (Connection.WantsJson(parsed))
            {
                Console.WriteLine(root.GetRawText());
            }
            else
            {
                string seqs = root.GetProperty("first").ValueKind == JsonValueKind.Number ? $", seq {root.GetProperty("first")} to {root.GetProperty("last")}" : "";
                Console.WriteLine($"accepted {root.GetProperty("accepted")}, duplicates {root.GetProperty("duplicates")}, rejected {root.GetProperty("rejected").GetArrayLength()}{seqs}");
                foreach (JsonElement rejected in root.GetProperty("rejected").EnumerateArray())
                {
                    Console.Error.WriteLine($"event {rejected.GetProperty("index")}: {rejected.GetProperty("reason")}");
                }
            }

            return root.GetProperty("rejected").GetArrayLength() == 0 ? ExitCodes.Ok : ExitCodes.No;
        });
        return command;
    }

    private static async Task<byte[]> ReadAsync(string? file, CancellationToken cancellationToken)
    {
        if (file is null or "-")
        {
            using var buffer = new MemoryStream();
            await Console.OpenStandardInput().CopyToAsync(buffer, cancellationToken);
            return buffer.ToArray();
        }

        return File.Exists(file) ? await File.ReadAllBytesAsync(file, cancellationToken) : throw new UnusableException($"{file} does not exist.");
    }

    /// <summary>An object and something after it: lines, each of which the platform judges by itself.</summary>
    private static bool LooksLikeLines(byte[] body)
    {
        var reader = new Utf8JsonReader(body, new JsonReaderOptions { AllowMultipleValues = true });
        try
        {
            return reader.Read() && reader.TokenType == JsonTokenType.StartObject && reader.TrySkip()
                && body.AsSpan((int)reader.BytesConsumed).ContainsAnyExcept(" \t\r\n"u8);
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
