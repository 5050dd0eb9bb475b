using Muniment.Demo;
using Muniment.Testing;
using Spectre.Console;

if (Console.IsOutputRedirected)
{
    AnsiConsole.Profile.Capabilities.Ansi = false; // a pipe wants neither colours nor lines that are broken at a terminal's width
    AnsiConsole.Profile.Capabilities.ColorSystem = ColorSystem.NoColors;
    AnsiConsole.Profile.Width = 200;
}

string? url = null, keyFile = null;
bool keep = false;
for (int i = 0; i < args.Length; i++)
{
    switch (args[i])
    {
        case "--url" when i + 1 < args.Length:
            url = args[++i];
            break;
        case "--key-file" when i + 1 < args.Length:
            keyFile = args[++i];
            break;
        case "--keep":
            keep = true;
            break;
        default:
            Console.Error.WriteLine("scripts/demo [--url URL --key-file FILE] [--keep]");
            return 2;
    }
}

if (url is null != keyFile is null)
{
    Console.Error.WriteLine("--url and --key-file belong together: the platform to play at, and a file with an admin key.");
    return 2;
}

if (url is not null)
{
    using HttpClient client = Story.Connect(new Uri(url.TrimEnd('/') + "/"), (await File.ReadAllTextAsync(keyFile!)).Trim());
    return await Story.PlayAsync(client, new Uri(url.TrimEnd('/') + "/"));
}

string directory = Directory.CreateTempSubdirectory("muniment-demo-").FullName;
AnsiConsole.MarkupLineInterpolated($"Starting a platform of its own in [blue]{directory}[/] …");
await using PlatformProcess platform = await PlatformProcess.StartAsync(directory);
AnsiConsole.MarkupLineInterpolated($"Ready after {platform.ReadyAfter.TotalSeconds:0.0} s at [blue]{platform.Http}[/]");
using HttpClient admin = Story.Connect(platform.Http, platform.AdminKey);
int code = await Story.PlayAsync(admin, platform.OtlpHttp);
if (keep)
{
    AnsiConsole.MarkupLineInterpolated($"\nStill up: [blue]{platform.Http}[/], key in [blue]{Path.Combine(directory, "admin.key")}[/]. Ctrl+C ends it.");
    var ended = new TaskCompletionSource();
    Console.CancelKeyPress += (_, e) =>
    {
        e.Cancel = true;
        ended.TrySetResult();
    };
    await ended.Task;
}

int stopped = await platform.StopAsync();
Directory.Delete(directory, recursive: true);
AnsiConsole.MarkupLineInterpolated($"\nThe platform drained and ended with {stopped}; its directory is gone.");
return code == 0 && stopped == 0 ? 0 : 1;
