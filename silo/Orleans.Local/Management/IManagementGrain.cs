namespace Orleans.Runtime;

/// <summary>Questions about the cluster; got by <c>GetGrain&lt;IManagementGrain&gt;(0)</c>. Here it is not a grain itself and does not count itself.</summary>
public interface IManagementGrain : IGrainWithIntegerKey
{
    /// <summary>The silos.</summary>
    Task<Dictionary<SiloAddress, SiloStatus>> GetHosts(bool onlyActive = false);

    /// <summary>Number of activations.</summary>
    Task<int> GetTotalActivationCount();

    /// <summary>Number of activations by class and silo.</summary>
    Task<SimpleGrainStatistic[]> GetSimpleGrainStatistics();

    /// <summary>Every activation, of some classes or of all.</summary>
    Task<DetailedGrainStatistic[]> GetDetailedGrainStatistics(string[]? types = null, SiloAddress[]? hostsIds = null);

    /// <summary>Ends the activations that have been idle for that long.</summary>
    Task ForceActivationCollection(TimeSpan ageLimit);
}

/// <summary>State of a silo.</summary>
public enum SiloStatus
{
    /// <summary>Unknown.</summary>
    None = 0,
    /// <summary>Made, not started.</summary>
    Created = 1,
    /// <summary>Cluster only.</summary>
    Joining = 2,
    /// <summary>Takes calls.</summary>
    Active = 3,
    /// <summary>Ends its activations.</summary>
    ShuttingDown = 4,
    /// <summary>Cluster only.</summary>
    Stopping = 5,
    /// <summary>Gone.</summary>
    Dead = 6,
}

/// <summary>Number of activations of one class on one silo.</summary>
public sealed class SimpleGrainStatistic
{
    /// <summary>The class, as full name and assembly.</summary>
    public string GrainType { get; init; } = "";

    /// <summary>The silo.</summary>
    public SiloAddress SiloAddress { get; init; } = null!;

    /// <summary>The number.</summary>
    public int ActivationCount { get; init; }
}

/// <summary>One activation.</summary>
public sealed class DetailedGrainStatistic
{
    /// <summary>The class, as full name and assembly.</summary>
    public string GrainType { get; init; } = "";

    /// <summary>The silo.</summary>
    public SiloAddress SiloAddress { get; init; } = null!;

    /// <summary>The grain.</summary>
    public GrainId GrainId { get; init; }
}
