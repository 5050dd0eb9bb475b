using System.CommandLine;
using System.Text.Json;
using Spectre.Console;

namespace Muniment.Cli.Commands;

/// <summary><c>query</c>: the filters of <c>GET events</c> as NAME=VALUE words.</summary>
internal static class QueryCommand
{
    public static Command Create()
    {
        var filters = new Argument<string[]>("filters") { Description = "NAME=VALUE, e.g. result=denied user=jo@example.com since=2026-01-01T00:00:00Z; bare words are searched as text", Arity = ArgumentArity.ZeroOrMore };
        var limit = new Option<int>("--limit") { Description = "Most events to show", DefaultValueFactory = _ => 50 };
        var command = new Command("query", "Find events, newest first.") { filters, limit };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using HttpClient client = Connection.Open(parsed);
            int left = parsed.GetValue(limit), found = 0;
            string[] words = parsed.GetValue(filters) ?? [];
            if (words.FirstOrDefault(w => w.StartsWith("limit=", StringComparison.Ordinal)) is { } named)
            {
                left = int.TryParse(named["limit=".Length..], out int most) && most > 0 ? most : throw new UnusableException($"{named}: expected a number from 1.");
                words = [.. words.Where(w => !w.StartsWith("limit=", StringComparison.Ordinal))];
            }

            if (left < 1)
            {
                throw new UnusableException($"--limit {left}: expected a number from 1.");
            }

            string query = ToQuery(words);
            string? cursor = null;
            Table table = new Table().AddColumns("seq", "time", "actor", "action", "target", "result").Border(TableBorder.None);
            do
            {
                string page = $"api/v1/events?limit={Math.Clamp(left, 1, 1000)}{query}{(cursor is null ? "" : "&cursor=" + Uri.EscapeDataString(cursor))}";
                using HttpResponseMessage response = await client.GetAsync(page, cancellationToken);
                using JsonDocument answer = (await Answers.ReadAsync(response, cancellationToken))!;
                foreach (JsonElement item in answer.RootElement.GetProperty("items").EnumerateArray())
                {
                    found++;
                    left--;
                    if (Connection.WantsJson(parsed))
                    {
                        Console.WriteLine(item.GetRawText());
                    }
                    else
                    {
                        table.AddRow(new Text(Field(item, "seq")), new Text(Short(Field(item, "ts"))), new Text(Field(item, "actor", "id")), new Text(Field(item, "action")), new Text(Field(item, "target")), new Text(Field(item, "result")));
                    }
                }

                JsonElement next = answer.RootElement.GetProperty("next");
                cursor = next.ValueKind == JsonValueKind.String ? next.GetString() : null;
            }
            while (left > 0 && cursor is not null);

            if (!Connection.WantsJson(parsed))
            {
                AnsiConsole.Write(table);
                Console.Error.WriteLine(found == 0 ? "Nothing found." : $"{found} event(s).");
            }

            return found > 0 ? ExitCodes.Ok : ExitCodes.No;
        });
        return command;
    }

    /// <summary>NAME=VALUE words and bare words as a query string that begins with an ampersand.</summary>
    internal static string ToQuery(IReadOnlyList<string> words)
    {
        var named = words.Where(w => w.IndexOf('=') > 0).Select(w => $"&{w[..w.IndexOf('=')]}={Uri.EscapeDataString(w[(w.IndexOf('=') + 1)..])}");
        string text = string.Join(' ', words.Where(w => w.IndexOf('=') <= 0));
        return string.Concat(named) + (text.Length == 0 ? "" : "&q=" + Uri.EscapeDataString(text));
    }

    /// <summary>A table shows milliseconds; <c>--json</c> has all nine digits.</summary>
    private static string Short(string time) => time.Length == 30 ? time[..23] + "Z" : time;

    private static string Field(JsonElement item, params ReadOnlySpan<string> path)
    {
        foreach (string name in path)
        {
            if (item.ValueKind != JsonValueKind.Object || !item.TryGetProperty(name, out item))
            {
                return "";
            }
        }

        // A terminal must not be steered by an event's text.
        return string.Concat(item.ToString().Select(c => char.IsControl(c) ? '�' : c));
    }
}
