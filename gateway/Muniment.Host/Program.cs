using Microsoft.Extensions.Options;
using Muniment.Host;
using Muniment.Journal.Storage;

CommandLine commandLine = CommandLine.Parse(args);
if (commandLine.Help)
{
    Console.WriteLine(CommandLine.Usage);
    return 0;
}

if (commandLine.Error is { } wrong)
{
    return Refusal.Print(wrong);
}

try
{
    return await Platform.RunAsync(commandLine.Settings);
}
catch (DataDirectoryException e)
{
    return Refusal.Print(e.Message);
}
catch (OptionsValidationException e)
{
    return Refusal.Print(string.Join(" ", e.Failures));
}
