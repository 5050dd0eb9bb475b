using System.CommandLine;
using System.Text.Json;

namespace Muniment.Cli.Commands;

/// <summary><c>restore DIR --data NEW</c>: checks that a backup is whole and lays it out as a data directory of its own.</summary>
internal static class RestoreCommand
{
    private const string AdminKey = "admin.key";

    public static Command Create()
    {
        var directory = new Argument<string>("dir") { Description = "What backup DIR wrote" };
        var data = new Option<string>("--data") { Description = "New or empty data directory", Required = true };
        var command = new Command("restore", "Make a data directory from a backup; then scripts/run --data NEW.") { directory, data };
        command.SetAction(parsed =>
        {
            string from = Path.GetFullPath(parsed.GetValue(directory)!), to = Path.GetFullPath(parsed.GetValue(data)!);
            if (!File.Exists(Path.Combine(from, "journal.db")))
            {
                throw new UnusableException($"{from} is no backup: it has no journal.db.");
            }

            if (!IsWhole(from))
            {
                throw new UnusableException($"{from} is no whole backup: expected a backup.json, which is written last, and a journal.db of the size it names.");
            }

            if (!Directory.Exists(Path.Combine(from, "keys")))
            {
                throw new UnusableException($"{from} has no keys directory; put the keys that were kept apart back there, without them the journal cannot be read.");
            }

            if (Directory.Exists(to) && Directory.EnumerateFileSystemEntries(to).Any())
            {
                throw new UnusableException($"--data {to}: expected a new or empty directory; a restore never overwrites.");
            }

            foreach (string file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
            {
                // The first admin key lies with the keys that are kept apart, and at the top of a data directory.
                string relative = Path.GetRelativePath(from, file);
                string target = Path.Combine(to, relative == Path.Combine("keys", AdminKey) ? AdminKey : relative);
                MakeDirectory(Path.GetDirectoryName(target)!);
                File.Copy(file, target);
                if (!OperatingSystem.IsWindows())
                {
                    // Whatever a copy of the backup was given meanwhile: keys and journal are their owner's alone.
                    File.SetUnixFileMode(target, UnixFileMode.UserRead | UnixFileMode.UserWrite);
                }
            }

            Console.WriteLine(Connection.WantsJson(parsed)
                ? JsonSerializer.Serialize(new Dictionary<string, string> { ["directory"] = to })
                : $"Restored to {to}; start it with scripts/run --data {to}");
            return ExitCodes.Ok;
        });
        return command;
    }

    private static bool IsWhole(string backup)
    {
        string manifest = Path.Combine(backup, "backup.json");
        try
        {
            using JsonDocument? content = File.Exists(manifest) ? JsonDocument.Parse(File.ReadAllBytes(manifest)) : null;
            return content?.RootElement is { ValueKind: JsonValueKind.Object } root
                && root.TryGetProperty("JournalBytes", out JsonElement bytes) && bytes.TryGetInt64(out long size)
                && size == new FileInfo(Path.Combine(backup, "journal.db")).Length;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    private static void MakeDirectory(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }
}
