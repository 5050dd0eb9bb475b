using System.Text.Json;
using Muniment.Delivery.Running;
using Muniment.Faults;
using Muniment.Journal;

string name = args.Length > 0 && !args[0].StartsWith('-') ? args[0] : "kill";
int rounds = Value("--rounds") is { } r ? int.Parse(r) : name == "delivery" ? 30 : 50;
int seed = Value("--seed") is { } s ? int.Parse(s) : Random.Shared.Next(1, 1_000_000);
Console.WriteLine($"soak {name}, seed {seed} (--seed {seed} plays the same again)");
// Two seconds are the promise on a machine that does nothing else; a busy one may be given more.
var readyLimit = TimeSpan.FromSeconds(Value("--ready-seconds") is { } w ? double.Parse(w) : 2);
int passed = 0, failed = 0;
object? result = null;
switch (name)
{
    case "kill":
        var soak = new KillSoak(seed, Console.Out, readyLimit);
        await CheckAsync("kill", () => soak.RunAsync(rounds, [.. Failpoints.All.Keys]));
        result = soak.Result;
        break;
    case "delivery":
        var delivery = new DeliverySoak(seed, Console.Out);
        await CheckAsync("delivery", () => delivery.RunAsync(rounds, [.. DeliveryFailpoints.All.Select(f => f.Key)]));
        result = delivery.Result;
        break;
    case "decisions":
        var decisions = new DecisionSoak(seed, Console.Out);
        await CheckAsync("bursts on limits", decisions.BurstAsync);
        await CheckAsync("bursts on limits with kill -9 in the middle", () => decisions.CrashedBurstsAsync(Math.Max(8, rounds / 5)));
        await CheckAsync("decisions after kill -9", () => decisions.KillAsync(rounds));
        result = decisions.Result;
        break;
    case "disk":
        await CheckAsync("a full disk", () => DiskFaults.FullAsync(null, Console.Out));
        await CheckAsync("a failing fsync", () => DiskFaults.FsyncAsync(Console.Out));
        break;
    case "bugs":
        foreach (string bug in BugHunt.Names)
        {
            await CheckAsync($"seeded bug {bug} is caught", () => BugHunt.RunAsync(bug, seed, Console.Out));
        }

        break;
    default:
        Console.Error.WriteLine("scripts/soak kill|delivery|decisions|disk|bugs [--rounds N] [--seed N]");
        return 2;
}

string file = Path.Combine(Value("--output") ?? "artifacts/soak", name + ".json");
Directory.CreateDirectory(Path.GetDirectoryName(file)!);
await File.WriteAllTextAsync(file, JsonSerializer.Serialize(new { name, seed, rounds, passed, failed, result }));
Console.WriteLine($"{passed} passed, {failed} failed, 0 skipped");
return failed == 0 ? 0 : 1;

string? Value(string flag)
{
    int at = Array.IndexOf(args, flag);
    return at >= 0 && at + 1 < args.Length ? args[at + 1] : null;
}

async Task CheckAsync(string what, Func<Task> check)
{
    try
    {
        await check();
        passed++;
        Console.WriteLine("ok   " + what);
    }
    catch (Exception e)
    {
        failed++;
        Console.WriteLine($"FAIL {what}: {(e is FaultException ? e.Message : e.ToString())}");
    }
}
