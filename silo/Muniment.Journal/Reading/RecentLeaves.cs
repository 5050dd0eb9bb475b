using System.Runtime.InteropServices;
using Muniment.Events.Blocks;

namespace Muniment.Journal.Reading;

/// <summary>
/// Leaf hashes of what this process committed a moment ago, for deliveries that follow the log: they were made for the commit and need not be made again. Kept by tenant in
/// seq order up to a number of bytes over all; the oldest are forgotten. Who does not find them hashes the block. Thread-safe.
/// </summary>
internal sealed class RecentLeaves(long maxBytes = RecentLeaves.DefaultMaxBytes)
{
    /// <summary>Bytes of hashes that are kept: 131,072 events.</summary>
    public const long DefaultMaxBytes = 4L << 20;

    private const int LeafSizeBytes = 32;

    private readonly Lock _lock = new();
    private readonly Queue<(long TenantNo, Run Run)> _oldest = new();
    private readonly Dictionary<long, Runs> _runs = [];
    private long _bytes;

    /// <summary>Keeps the leaves of committed segments; the first event of the first one has <paramref name="firstSeq"/>.</summary>
    public void Add(long tenantNo, long firstSeq, IEnumerable<Segment> segments)
    {
        lock (_lock)
        {
            if (!_runs.TryGetValue(tenantNo, out Runs? runs))
            {
                _runs.Add(tenantNo, runs = new Runs());
            }

            foreach (Segment segment in segments)
            {
                Run run = new(firstSeq, segment.Leaves);
                firstSeq += segment.Count;
                runs.Add(run);
                _oldest.Enqueue((tenantNo, run));
                _bytes += segment.Leaves.Length;
            }

            while (_bytes > maxBytes)
            {
                (long owner, Run run) = _oldest.Dequeue();
                _bytes -= run.Leaves.Length;
                if (!_runs[owner].RemoveFirst()) // a tenant's runs come and go in the same order
                {
                    _runs.Remove(owner);
                }
            }
        }
    }

    /// <summary>Copies the leaves of consecutive events, 32 bytes each; false, with anything in <paramref name="leaves"/>, unless all of them are here.</summary>
    public bool TryCopy(long tenantNo, long firstSeq, Span<byte> leaves)
    {
        int count = leaves.Length / LeafSizeBytes;
        lock (_lock)
        {
            if (!_runs.TryGetValue(tenantNo, out Runs? runs))
            {
                return false;
            }

            ReadOnlySpan<Run> held = runs.Held;
            if (held.IsEmpty || held[0].FirstSeq > firstSeq || held[^1].EndSeq < firstSeq + count)
            {
                return false;
            }

            int at = held.BinarySearch(new Run(firstSeq, default), Run.BySeq);
            at = at >= 0 ? at : ~at - 1;
            int done = 0;
            for (; done < leaves.Length; at++)
            {
                if (at >= held.Length || held[at].FirstSeq > firstSeq + (done / LeafSizeBytes))
                {
                    return false; // another writer committed between two of ours
                }

                int skip = (int)(firstSeq + (done / LeafSizeBytes) - held[at].FirstSeq) * LeafSizeBytes;
                if (skip >= held[at].Leaves.Length)
                {
                    return false;
                }

                int take = Math.Min(held[at].Leaves.Length - skip, leaves.Length - done);
                held[at].Leaves.Span.Slice(skip, take).CopyTo(leaves[done..]);
                done += take;
            }

            return true;
        }
    }

    /// <summary>A tenant's runs, in seq order. What was removed in front is closed up now and then, not each time.</summary>
    private sealed class Runs
    {
        private readonly List<Run> _items = [];
        private int _first;

        public ReadOnlySpan<Run> Held => CollectionsMarshal.AsSpan(_items)[_first..];

        public void Add(Run run) => _items.Add(run);

        /// <summary>False when none is left.</summary>
        public bool RemoveFirst()
        {
            _items[_first++] = default;
            if (_first * 2 > _items.Count)
            {
                _items.RemoveRange(0, _first);
                _first = 0;
            }

            return _items.Count > 0;
        }
    }

    private readonly record struct Run(long FirstSeq, ReadOnlyMemory<byte> Leaves)
    {
        public static readonly Comparer<Run> BySeq = Comparer<Run>.Create(static (a, b) => a.FirstSeq.CompareTo(b.FirstSeq));

        public long EndSeq => FirstSeq + (Leaves.Length / LeafSizeBytes);
    }
}
