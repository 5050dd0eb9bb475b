using System.CommandLine;
using System.Runtime.InteropServices;
using Muniment.Cli;
using Muniment.Cli.Commands;
using Spectre.Console;

var root = new RootCommand("Muniment's command line: send events, find them, follow them, test destinations and policies, back up. Exits 0, 1 (no) or 2 (unusable).");
Connection.AddOptions(root);
root.Subcommands.Add(SendCommand.Create());
root.Subcommands.Add(QueryCommand.Create());
root.Subcommands.Add(TailCommand.Create());
root.Subcommands.Add(DestinationCommand.Create());
root.Subcommands.Add(PolicyCommand.Create());
root.Subcommands.Add(HookCommand.Create());
root.Subcommands.Add(BackupCommand.Create());
root.Subcommands.Add(RestoreCommand.Create());

if (Console.IsOutputRedirected)
{
    AnsiConsole.Profile.Capabilities.Ansi = false; // a pipe wants neither colours nor lines that are broken at a terminal's width
    AnsiConsole.Profile.Capabilities.ColorSystem = ColorSystem.NoColors;
    AnsiConsole.Profile.Width = 1000;
}

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

// Our own, so that an interrupted command still ends with a code of the contract.
using var interrupted = new CancellationTokenSource();
using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Interrupt);
using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Interrupt);
try
{
    return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }, interrupted.Token);
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
    Console.Error.WriteLine("Interrupted.");
    return ExitCodes.Unusable;
}

void Interrupt(PosixSignalContext context)
{
    context.Cancel = true;
    interrupted.Cancel();
}
