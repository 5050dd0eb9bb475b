using Orleans.Concurrency;

namespace Muniment.Messages.Destinations;

/// <summary>The destinations of a tenant (key: the tenant): lists them, passes hints on, and counts connection tests.</summary>
[Alias("muniment.destination-directory")]
public interface IDestinationDirectoryGrain : IGrainWithStringKey
{
    /// <summary>A page of configurations after an id.</summary>
    [Alias("list"), AlwaysInterleave]
    Task<DestinationAnswer> List(string after, int limit);

    /// <summary>Takes one of the tenant's tests of this minute; false when there are none left.</summary>
    [Alias("take-test"), AlwaysInterleave]
    Task<bool> TakeTest();

    /// <summary>A destination was made or removed.</summary>
    [Alias("changed"), AlwaysInterleave]
    Task Changed();

    /// <summary>
    /// The tenant's log is to be shortened to begin at a seq, by retention or because storage is at its reserve. Answers the lowest seq that some destination still needs;
    /// nothing from there on may go yet. Whoever shortens asks again until the answer is high enough, and deletes no more than it allows.
    /// </summary>
    [Alias("release"), AlwaysInterleave]
    Task<long> Release(long before);

    /// <summary>The tenant's log has grown.</summary>
    [Alias("advanced"), AlwaysInterleave, OneWay]
    Task Advanced();
}
