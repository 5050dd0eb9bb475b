namespace Muniment.Host;

/// <summary>How the process says that it will not start: one sentence, no stack trace, exit code 2.</summary>
internal static class Refusal
{
    public const int ExitCode = 2;

    public static int Print(string sentence)
    {
        Console.Error.WriteLine(sentence);
        return ExitCode;
    }
}
