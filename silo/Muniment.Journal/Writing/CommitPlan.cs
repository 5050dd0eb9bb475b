using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Muniment.Events.Blocks;
using Muniment.Trust.Merkle;

namespace Muniment.Journal.Writing;

/// <summary>What a group of requests becomes when all of it is stored: numbers, rows and the next head. Pure.</summary>
/// <param name="Head">Head after the commit.</param>
/// <param name="Rows">Rows in seq order.</param>
/// <param name="FirstSeqs">First seq of each request, then the new size.</param>
internal sealed record CommitPlan(JournalHead Head, ImmutableArray<CommitRow> Rows, ImmutableArray<long> FirstSeqs)
{
    /// <summary>A row takes no further segment beyond this many payload bytes.</summary>
    public const int MaxRowBytes = 4 << 20;

    public static CommitPlan Create(JournalHead head, IReadOnlyList<PendingAppend> requests)
    {
        ImmutableArray<long>.Builder firsts = ImmutableArray.CreateBuilder<long>(requests.Count + 1);
        ImmutableArray<CommitRow>.Builder rows = ImmutableArray.CreateBuilder<CommitRow>();
        MerkleFrontier tree = Frontier.Restore(head);
        List<Segment> open = [];
        long seq = head.Size;
        long openFirst = seq;
        long openBytes = 0;
        foreach (PendingAppend request in requests)
        {
            firsts.Add(seq);
            foreach (Segment segment in request.Segments)
            {
                bool full = seq - openFirst + segment.Count > Segment.MaxEvents || openBytes + segment.Payload.Length > MaxRowBytes;
                if (full && open.Count > 0)
                {
                    rows.Add(Close(openFirst, seq, open, tree));
                    openFirst = seq;
                    openBytes = 0;
                }

                open.Add(segment);
                openBytes += segment.Payload.Length;
                seq += segment.Count;
            }
        }

        if (open.Count > 0)
        {
            rows.Add(Close(openFirst, seq, open, tree));
        }

        firsts.Add(seq);
        return new CommitPlan(head with { Size = seq, Peaks = Frontier.Peaks(tree) }, rows.ToImmutable(), firsts.MoveToImmutable());
    }

    private static CommitRow Close(long first, long next, List<Segment> open, MerkleFrontier tree)
    {
        ReadOnlySpan<Segment> segments = CollectionsMarshal.AsSpan(open);
        long min = long.MaxValue;
        long max = long.MinValue;
        long received = long.MinValue;
        var payload = ImmutableArray.CreateBuilder<ReadOnlyMemory<byte>>(segments.Length);
        foreach (Segment segment in segments)
        {
            min = Math.Min(min, segment.MinTimeNs);
            max = Math.Max(max, segment.MaxTimeNs);
            received = Math.Max(received, segment.ReceivedNs);
            payload.Add(segment.Payload);
            tree.Append(segment.Leaves.Span);
        }

        byte[] terms = new byte[TermLists.Size(segments)];
        TermLists.Write(segments, terms);
        CommitRow row = new(first, next - 1, min, max, received, tree.Root(), terms, payload.MoveToImmutable());
        open.Clear();
        return row;
    }
}
