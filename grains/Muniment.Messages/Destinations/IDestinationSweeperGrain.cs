namespace Muniment.Messages.Destinations;

/// <summary>Wakes every destination of the cluster now and then (key: <c>0</c>), so that none sleeps because a hint or a silo was lost.</summary>
[Alias("muniment.destination-sweeper")]
public interface IDestinationSweeperGrain : IGrainWithStringKey
{
    /// <summary>Begins, and stays begun over restarts. Called by every silo when it has started.</summary>
    [Alias("start")]
    Task Start();
}
