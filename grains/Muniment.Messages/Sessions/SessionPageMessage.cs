using System.Collections.Immutable;

namespace Muniment.Messages.Sessions;

/// <summary>A page of sessions.</summary>
/// <param name="Sessions">Newest first.</param>
/// <param name="FoldedFrom">Events from here on are counted; 0 when all are.</param>
[GenerateSerializer, Immutable, Alias("muniment.session.page")]
public sealed record SessionPageMessage(
    [property: Id(0)] ImmutableArray<SessionMessage> Sessions,
    [property: Id(1)] long FoldedFrom);
