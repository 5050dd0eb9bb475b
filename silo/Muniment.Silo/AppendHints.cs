using Microsoft.Extensions.Logging;
using Muniment.Events;
using Muniment.Grains.Journal;

namespace Muniment.Silo;

/// <summary>
/// Passes "the log advanced" on to whoever waits in this process: deliveries, tails, <c>min_seq</c>. Listeners must return at once; one that throws is
/// logged and does not hinder the others. Everybody also sweeps, so a lost hint costs latency only.
/// </summary>
public sealed partial class AppendHints(ILogger<AppendHints> logger) : IAppendHints
{
    private volatile Action<TenantId, long>[] listeners = [];
    private readonly Lock gate = new();

    /// <summary>Adds a listener for the life of the process.</summary>
    public void Listen(Action<TenantId, long> listener)
    {
        lock (gate)
        {
            listeners = [.. listeners, listener];
        }
    }

    /// <inheritdoc/>
    public void Advanced(TenantId tenant, long size)
    {
        foreach (Action<TenantId, long> listener in listeners)
        {
            try
            {
                listener(tenant, size);
            }
            catch (Exception e)
            {
                LogListenerFailed(e, tenant);
            }
        }
    }

    [LoggerMessage(1201, LogLevel.Error, "A listener of the log of {Tenant} failed")]
    private partial void LogListenerFailed(Exception exception, TenantId tenant);
}
