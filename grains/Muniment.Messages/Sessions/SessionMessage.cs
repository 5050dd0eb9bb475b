namespace Muniment.Messages.Sessions;

/// <summary>One session as it is now.</summary>
/// <param name="LastSeq">Seq of its last event; -1 when there is none.</param>
/// <param name="Events">Events.</param>
/// <param name="LastReceivedNs">Receipt of its last event, Unix ns.</param>
/// <param name="Ended">Whether it has had no event for so long that it counts as ended. A later event opens it again.</param>
/// <param name="Summary">JSON of the outside contract; empty when there is no such session.</param>
/// <param name="IsComplete">Whether everything that was answered before is in it. Otherwise the time for one question was too short, and the next one goes on.</param>
[GenerateSerializer, Immutable, Alias("muniment.session")]
public sealed record SessionMessage(
    [property: Id(0)] long LastSeq,
    [property: Id(1)] long Events,
    [property: Id(2)] long LastReceivedNs,
    [property: Id(3)] bool Ended,
    [property: Id(4)] ReadOnlyMemory<byte> Summary,
    [property: Id(5)] bool IsComplete = true);
