using Muniment.Delivery.Running;
using Muniment.Delivery.Storage;
using Muniment.Messages.Destinations;

namespace Muniment.Grains.Destinations;

/// <summary>Wakes all destinations: a timer sets the pace, a reminder brings the sweeper itself back after its silo was lost.</summary>
[GrainType("destination-sweeper")]
public sealed class DestinationSweeperGrain(DeliveryServices services) : Grain, IDestinationSweeperGrain, IRemindable
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(10);

    /// <inheritdoc/>
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        this.RegisterGrainTimer(Sweep, new GrainTimerCreationOptions { DueTime = Period, Period = Period, KeepAlive = true });
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task Start()
    {
        await this.RegisterOrUpdateReminder("sweep", TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1));
        await Sweep(CancellationToken.None);
    }

    /// <inheritdoc/>
    public Task ReceiveReminder(string reminderName, TickStatus status) => Sweep(CancellationToken.None);

    private async Task Sweep(CancellationToken cancellationToken)
    {
        foreach (DestinationRow row in await services.Store.ListAsync(null, cancellationToken))
        {
            _ = GrainFactory.GetGrain<IDestinationGrain>($"{row.Tenant.Value}/{row.Id}").Wake();
        }
    }
}
