namespace Muniment.Testing;

/// <summary>The platform ended before it was ready.</summary>
public sealed class PlatformEndedException(int exitCode, string output) : InvalidOperationException($"the platform ended with {exitCode}:\n{output}")
{
    /// <summary>What a process that was killed with SIGKILL ends with.</summary>
    public const int Killed = 128 + 9;

    /// <summary>What it ended with.</summary>
    public int ExitCode => exitCode;
}
