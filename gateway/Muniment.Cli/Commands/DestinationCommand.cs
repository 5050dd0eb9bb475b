using System.CommandLine;
using System.Text.Json;
using Spectre.Console;

namespace Muniment.Cli.Commands;

/// <summary><c>destination test ID</c>: each step with its time, what went wrong and what to do.</summary>
internal static class DestinationCommand
{
    public static Command Create()
    {
        var id = new Argument<string>("id") { Description = "Id of the destination" };
        var test = new Command("test", "Send a marked event and say what happened at each step.") { id };
        test.SetAction(async (parsed, cancellationToken) =>
        {
            using HttpClient client = Connection.Open(parsed);
            using HttpResponseMessage response = await client.PostAsync($"api/v1/destinations/{Uri.EscapeDataString(parsed.GetValue(id)!)}/test", null, cancellationToken);
            using JsonDocument answer = (await Answers.ReadAsync(response, cancellationToken))!;
            JsonElement root = answer.RootElement;
            bool ok = root.GetProperty("ok").GetBoolean();
            if (Connection.WantsJson(parsed))
            {
                Console.WriteLine(root.GetRawText());
                return ok ? ExitCodes.Ok : ExitCodes.No;
            }

            foreach (JsonElement step in root.GetProperty("steps").EnumerateArray())
            {
                bool stepOk = step.GetProperty("ok").GetBoolean();
                AnsiConsole.MarkupLineInterpolated($"{(stepOk ? "ok  " : "FAIL")} {step.GetProperty("step").GetString(),-8} {step.GetProperty("ms").GetDouble(),8:0.0} ms  {Text(step, "detail")}");
                if (!stepOk && Text(step, "hint") is { Length: > 0 } hint)
                {
                    AnsiConsole.MarkupLineInterpolated($"       {hint}");
                }
            }

            AnsiConsole.MarkupLineInterpolated($"event {Text(root, "event_id")}, correlation {Text(root, "correlation")}");
            return ok ? ExitCodes.Ok : ExitCodes.No;
        });
        return new Command("destination", "Work with destinations.") { test };
    }

    private static string Text(JsonElement element, string name) => element.TryGetProperty(name, out JsonElement value) ? value.ToString() : "";
}
