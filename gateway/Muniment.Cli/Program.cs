using System.CommandLine;
using Muniment.Cli;
using Muniment.Cli.Commands;

var root = new RootCommand("Muniment's command line: send events, find them, follow them, test destinations, back up. Exits 0, 1 (no) or 2 (unusable).");
Connection.AddOptions(root);
root.Subcommands.Add(SendCommand.Create());
root.Subcommands.Add(QueryCommand.Create());
root.Subcommands.Add(TailCommand.Create());
root.Subcommands.Add(DestinationCommand.Create());
root.Subcommands.Add(BackupCommand.Create());
root.Subcommands.Add(RestoreCommand.Create());

ParseResult parsed = root.Parse(args);
if (parsed.Errors.Count > 0)
{
    foreach (System.CommandLine.Parsing.ParseError error in parsed.Errors)
    {
        Console.Error.WriteLine(error.Message);
    }

    Console.Error.WriteLine("scripts/muniment --help lists what there is.");
    return ExitCodes.Unusable;
}

try
{
    return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
}
catch (UnusableException e)
{
    Console.Error.WriteLine(e.Message);
    return ExitCodes.Unusable;
}
catch (HttpRequestException e)
{
    Console.Error.WriteLine($"The platform did not answer: {e.Message}. Is it running, and is --url right?");
    return ExitCodes.Unusable;
}
catch (OperationCanceledException)
{
    return ExitCodes.Ok;
}
