using Muniment.Journal.Storage;

namespace Muniment.Host;

/// <summary>
/// Storage that failed ends the process: after a failed fsync the kernel may have dropped what it could not write, so the only sound next step is to start
/// again and read what is really there.
/// </summary>
internal sealed class StorageFailure : IJournalFailure
{
    /// <summary>EX_IOERR of sysexits.h, so that a supervisor can tell it from a refusal.</summary>
    private const int ExitCode = 74;

    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);
    private readonly Lock gate = new();
    private IHostApplicationLifetime? lifetime;
    private string? reason;

    public void Bind(IHostApplicationLifetime applicationLifetime)
    {
        lock (gate)
        {
            lifetime = applicationLifetime;
            if (reason is not null)
            {
                lifetime.StopApplication();
            }
        }
    }

    public void Fatal(string reason, Exception? exception)
    {
        lock (gate)
        {
            if (this.reason is not null)
            {
                return;
            }

            this.reason = exception is null ? reason : $"{reason} ({exception.Message})";
            Console.Error.WriteLine("Storage failed, so the platform ends: " + this.reason);
            lifetime?.StopApplication();
        }

        // A drain that hangs on the failed disk must not keep the process.
        var watchdog = new Thread(() =>
        {
            Thread.Sleep(Grace);
            Environment.Exit(ExitCode);
        })
        { IsBackground = true };
        watchdog.Start();
    }

    public int Exit(DataDirectory data)
    {
        lock (gate)
        {
            data.RemoveRunFile();
            return reason is null ? 0 : ExitCode;
        }
    }
}
