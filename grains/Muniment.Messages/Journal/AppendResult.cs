using System.Collections.Immutable;

namespace Muniment.Messages.Journal;

/// <summary>How an append ended.</summary>
/// <param name="Status">Which of the fields below mean something.</param>
/// <param name="FirstSeq">Accepted or Repeated: first number given.</param>
/// <param name="LastSeq">Accepted or Repeated: last number given.</param>
/// <param name="Answer">Repeated: the answer stored with the first request.</param>
/// <param name="KnownIds">IdsKnown: the events whose id is stored already. Nothing of the request was stored; encode it again without them.</param>
/// <param name="Detail">Failures: one sentence for the operator.</param>
[GenerateSerializer, Immutable, Alias("muniment.journal.appended")]
public sealed record AppendResult(
    [property: Id(0)] AppendStatus Status,
    [property: Id(1)] long FirstSeq,
    [property: Id(2)] long LastSeq,
    [property: Id(3)] ReadOnlyMemory<byte> Answer,
    [property: Id(4)] ImmutableArray<KnownIdMessage> KnownIds,
    [property: Id(5)] string? Detail);
