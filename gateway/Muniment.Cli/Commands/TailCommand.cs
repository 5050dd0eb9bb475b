using System.CommandLine;

namespace Muniment.Cli.Commands;

/// <summary><c>tail</c>: events as they are appended, one JSON line each, resumed after a broken connection.</summary>
internal static class TailCommand
{
    private const int RetryMs = 1000;

    public static Command Create()
    {
        var filters = new Argument<string[]>("filters") { Description = "NAME=VALUE, as for query", Arity = ArgumentArity.ZeroOrMore };
        var from = new Option<long?>("--from") { Description = "Begin after this seq" };
        var command = new Command("tail", "Follow events as they are appended (Ctrl+C ends).") { filters, from };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using HttpClient client = Connection.Open(parsed);
            string query = QueryCommand.ToQuery(parsed.GetValue(filters) ?? []);
            string? last = parsed.GetValue(from)?.ToString();
            while (!cancellationToken.IsCancellationRequested)
            {
                try
                {
                    using var request = new HttpRequestMessage(HttpMethod.Get, "api/v1/events/tail" + (query.Length == 0 ? "" : "?" + query[1..]));
                    if (last is not null)
                    {
                        request.Headers.Add("Last-Event-ID", last);
                    }

                    using HttpResponseMessage response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
                    await Answers.EnsureAsync(response, cancellationToken);
                    using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken));
                    while (await reader.ReadLineAsync(cancellationToken) is { } line)
                    {
                        if (line.StartsWith("id:", StringComparison.Ordinal))
                        {
                            last = line[3..].Trim();
                        }
                        else if (line.StartsWith("data:", StringComparison.Ordinal))
                        {
                            Console.WriteLine(line[5..].Trim());
                        }
                    }
                }
                catch (Exception) when (cancellationToken.IsCancellationRequested)
                {
                    // Ctrl+C is how a tail ends.
                    return ExitCodes.Ok;
                }
                catch (Exception e) when (e is HttpRequestException or IOException && last is not null)
                {
                    Console.Error.WriteLine($"Connection lost ({e.Message}); going on after seq {last}.");
                }

                await Task.WhenAny(Task.Delay(RetryMs, cancellationToken));
            }

            return ExitCodes.Ok;
        });
        return command;
    }
}
