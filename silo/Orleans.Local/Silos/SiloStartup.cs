namespace Orleans.Local.Silos;

/// <summary>What the silo builder collected for the silo's start.</summary>
internal sealed class SiloStartup
{
    public List<(int Stage, Func<IServiceProvider, CancellationToken, Task> Task)> Tasks { get; } = [];

    public bool PropagatesActivity { get; set; }
}
