using System.CommandLine;

namespace Muniment.Cli.Commands;

/// <summary><c>restore DIR --data NEW</c>: lays a backup out as a data directory of its own. The platform checks it at its first start.</summary>
internal static class RestoreCommand
{
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
                string target = Path.Combine(to, Path.GetRelativePath(from, file));
                MakeDirectory(Path.GetDirectoryName(target)!);
                File.Copy(file, target);
                if (!OperatingSystem.IsWindows())
                {
                    // Whatever a copy of the backup was given meanwhile: keys and journal are their owner's alone.
                    File.SetUnixFileMode(target, UnixFileMode.UserRead | UnixFileMode.UserWrite);
                }
            }

            Console.WriteLine($"Restored to {to}; start it with scripts/run --data {to}");
            return ExitCodes.Ok;
        });
        return command;
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
