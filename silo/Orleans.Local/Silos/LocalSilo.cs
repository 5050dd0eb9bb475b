using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Local.Activations;
using Orleans.Local.Reminders;
using Orleans.Runtime;

namespace Orleans.Local.Silos;

/// <summary>One logical silo: the activations of one host, started and stopped with it.</summary>
internal sealed partial class LocalSilo : IHostedService
{
    private readonly SiloStartup _startup;
    private ReminderService? _reminders;
    private ITimer? _collector;

    public LocalSilo(
        LocalCluster cluster, IServiceProvider services, ILogger<LocalSilo> logger, IOptions<GrainCollectionOptions> collection, IOptions<SiloMessagingOptions> messaging,
        SiloStartup startup)
    {
        (Cluster, Services, Logger, _startup) = (cluster, services, logger, startup);
        (Collection, Messaging) = (collection.Value, messaging.Value);
        Time = services.GetService<TimeProvider>() ?? TimeProvider.System;
        Address = cluster.NewAddress();
        GrainFactory = new LocalGrainFactory(new(cluster, this, Messaging.ResponseTimeout, startup.PropagatesActivity), services);
        Filters = [.. services.GetServices<IIncomingGrainCallFilter>()];
        cluster.Logger = logger;
    }

    public LocalCluster Cluster { get; }

    public IServiceProvider Services { get; }

    public ILogger Logger { get; }

    public GrainCollectionOptions Collection { get; }

    public SiloMessagingOptions Messaging { get; }

    public TimeProvider Time { get; }

    public SiloAddress Address { get; }

    public LocalGrainFactory GrainFactory { get; }

    public IIncomingGrainCallFilter[] Filters { get; }

    public SiloStatus Status { get; private set; } = SiloStatus.Created;

    /// <summary>The living activations, also those that the directory does not know (a test's forced duplicates).</summary>
    public ConcurrentDictionary<Activation, byte> Activations { get; } = [];

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        Status = SiloStatus.Active;
        Cluster.Join(this);
        LogStandIn(Logger);
        if (Services.GetService<IReminderTable>() is { } table)
        {
            _reminders = Services.GetRequiredService<ReminderService>();
            await _reminders.StartAsync(table, cancellationToken);
        }
        _collector = Time.CreateTimer(static silo => ((LocalSilo)silo!).CollectIdle(), this, Collection.CollectionQuantum, Collection.CollectionQuantum);
        foreach ((int _, Func<IServiceProvider, CancellationToken, Task> task) in _startup.Tasks.OrderBy(task => task.Stage)) await task(Services, cancellationToken);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (Status is not SiloStatus.Active) return;
        Status = SiloStatus.ShuttingDown;
        StopTaking();
        if (_reminders is not null) await _reminders.StopAsync(CancellationToken.None);
        try
        {
            // Again and again, because an ending grain may still have woken another one.
            while (!Activations.IsEmpty)
            {
                cancellationToken.ThrowIfCancellationRequested();
                Activation[] all = [.. Activations.Keys];
                foreach (Activation activation in all) activation.Deactivate(new(DeactivationReasonCode.ShuttingDown, "The silo stops."), cancellationToken);
                await Task.WhenAll(all.Select(activation => activation.Deactivated)).WaitAsync(cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            LogStopCutShort(Logger, Activations.Count);
            KillActivations();
        }
        Status = SiloStatus.Dead;
    }

    /// <summary>Ends as a crash would.</summary>
    public void Kill()
    {
        if (Status is not SiloStatus.Active) return;
        Status = SiloStatus.Dead;
        StopTaking();
        _ = _reminders?.StopAsync(CancellationToken.None);
        KillActivations();
    }

    /// <summary>Ends the activations that have been idle for that long, and waits for them.</summary>
    public Task CollectAsync(TimeSpan age) => Task.WhenAll(
        Activations.Keys.Where(activation => activation.CollectionAge != Timeout.InfiniteTimeSpan && activation.DeactivateIfIdle(age)).Select(activation => activation.Deactivated));

    private void StopTaking()
    {
        Cluster.Leave(this);
        _collector?.Dispose();
    }

    private void KillActivations()
    {
        foreach (Activation activation in Activations.Keys) activation.Kill(new SiloUnavailableException($"The silo {Address} is gone."));
    }

    private void CollectIdle()
    {
        foreach (Activation activation in Activations.Keys)
        {
            if (activation.CollectionAge != Timeout.InfiniteTimeSpan) activation.DeactivateIfIdle(activation.CollectionAge);
        }
    }

    [LoggerMessage(6, LogLevel.Information, "The single-process stand-in for Microsoft Orleans is active.")]
    private static partial void LogStandIn(ILogger logger);

    [LoggerMessage(7, LogLevel.Warning, "The stop was cut short: {Count} activations did not get to their OnDeactivateAsync.")]
    private static partial void LogStopCutShort(ILogger logger, int count);
}
