using System.CommandLine;
using System.Net.Http.Json;
using System.Text.Json;

namespace Muniment.Cli.Commands;

/// <summary><c>backup DIR</c>: asks the running platform, because no other process may open its database.</summary>
internal static class BackupCommand
{
    public static Command Create()
    {
        var directory = new Argument<string>("dir") { Description = "New or empty directory on the platform's machine" };
        var command = new Command("backup", "Copy the running platform's journal and, apart, its keys.") { directory };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            string path = Path.GetFullPath(parsed.GetValue(directory)!);
            using HttpClient client = Connection.Open(parsed);
            using HttpResponseMessage response = await client.PostAsJsonAsync("api/v1/backup", new Dictionary<string, string> { ["directory"] = path }, cancellationToken);
            using JsonDocument? answer = await Answers.ReadAsync(response, cancellationToken);
            Console.WriteLine(Connection.WantsJson(parsed) ? answer?.RootElement.GetRawText() : $"Backed up to {path}; keep {Path.Combine(path, "keys")} apart from the rest.");
            return ExitCodes.Ok;
        });
        return command;
    }
}
