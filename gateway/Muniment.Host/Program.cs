using Microsoft.Extensions.Options;
using Muniment.Host;
using Muniment.Journal;
using Muniment.Journal.Storage;
using Muniment.Silo.Destinations;

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

DestinationServices.RegisterFailpoints();
if (commandLine.ListsFailpoints)
{
    Console.Write(string.Concat(Failpoints.All.Select(point => $"  {point.Key,-26} {point.Value}\n")));
    return 0;
}

if (Failpoints.Refuse(Environment.GetEnvironmentVariable(Failpoints.Variable)) is { } point)
{
    return Refusal.Print(point);
}

try
{
    return await Platform.RunAsync(commandLine.Settings);
}
catch (DataDirectoryException e)
{
    return Refusal.Print(e.Message);
}
catch (UnauthorizedAccessException e)
{
    return Refusal.Print($"--data: {e.Message} Give this user the right to it, or choose another directory.");
}
catch (OptionsValidationException e)
{
    return Refusal.Print(string.Join(" ", e.Failures));
}
