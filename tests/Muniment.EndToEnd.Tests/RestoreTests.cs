using System.Diagnostics;
using System.Net;
using Muniment.Testing;

namespace Muniment.EndToEnd.Tests;

[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public class RestoreTests
{
    private const UnixFileMode OwnerFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    [SkippableFact]
    public async Task What_is_restored_is_its_owners_alone_and_starts()
    {
        Skip.If(OperatingSystem.IsWindows(), "file modes are Unix's");
        using var directory = new TemporaryDirectory();
        string backup = Path.Combine(directory.Path, "backup"), restored = Path.Combine(directory.Path, "restored");
        await using (PlatformProcess platform = await PlatformProcess.StartAsync(Path.Combine(directory.Path, "data")))
        {
            using HttpClient client = platform.CreateClient();
            await client.PostEventsAsync("""{"id":"kept","actor":"user:jo","action":"repo.read","result":"allowed"}""");
            using HttpResponseMessage made = await client.PostAsync("api/v1/backup", Api.Json($$"""{"directory":"{{backup}}"}"""));
            Assert.Equal(HttpStatusCode.OK, made.StatusCode);
        }

        // Copied about by tools that know nothing of keys.
        File.SetUnixFileMode(Path.Combine(backup, "keys"), (UnixFileMode)0b111_101_101);
        foreach (string file in Directory.EnumerateFiles(Path.Combine(backup, "keys"), "*", SearchOption.AllDirectories))
        {
            File.SetUnixFileMode(file, (UnixFileMode)0b110_100_100);
        }

        Assert.Equal(0, await RestoreAsync(backup, restored));
        Assert.All(Directory.EnumerateDirectories(restored, "*", SearchOption.AllDirectories).Append(restored), d => Assert.Equal(OwnerFile | UnixFileMode.UserExecute, File.GetUnixFileMode(d)));
        Assert.All(Directory.EnumerateFiles(restored, "*", SearchOption.AllDirectories), f => Assert.Equal(OwnerFile, File.GetUnixFileMode(f)));
        Assert.NotEmpty(Directory.EnumerateFiles(Path.Combine(restored, "keys")));

        // The first admin key came along, so that who lost the machine can come in.
        await using PlatformProcess again = await PlatformProcess.StartAsync(restored);
        using HttpClient reader = again.CreateClient();
        Assert.Contains("\"kept\"", await reader.GetStringAsync("api/v1/events/kept"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_backup_that_is_not_whole_is_refused()
    {
        using var directory = new TemporaryDirectory();
        string backup = Path.Combine(directory.Path, "backup");
        Directory.CreateDirectory(Path.Combine(backup, "keys"));
        await File.WriteAllTextAsync(Path.Combine(backup, "journal.db"), "half of");
        Assert.Equal(2, await RestoreAsync(backup, Path.Combine(directory.Path, "a")));
        await File.WriteAllTextAsync(Path.Combine(backup, "backup.json"), """{"Format":1,"JournalBytes":4096}""");
        Assert.Equal(2, await RestoreAsync(backup, Path.Combine(directory.Path, "b")));
        Assert.False(Directory.Exists(Path.Combine(directory.Path, "b")));
    }

    private static async Task<int> RestoreAsync(string backup, string restored)
    {
        using Process restore = Process.Start(new ProcessStartInfo("dotnet", [Assembly("Muniment.Cli", "muniment.dll"), "restore", backup, "--data", restored])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        await restore.WaitForExitAsync();
        return restore.ExitCode;
    }

    private static string Assembly(string project, string file)
    {
        var here = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd('/'));
        return Path.Combine(here.Parent!.Parent!.FullName, project, here.Name, file);
    }
}
