namespace Muniment.Cli;

/// <summary>What the process answers; scripts rely on it.</summary>
internal static class ExitCodes
{
    public const int Ok = 0;
    public const int No = 1;
    public const int Unusable = 2;
}

/// <summary>The command cannot be carried out as given. The message is one sentence that says what to do.</summary>
internal sealed class UnusableException(string message) : Exception(message);
