using System.Runtime.CompilerServices;
using System.Text;
using Muniment.Delivery.Batches;
using Muniment.Events;
using Muniment.Events.Canonical;

namespace Muniment.Delivery.Tests.Fakes;

/// <summary>A log in memory, in blocks of a few events. Seqs can be purged.</summary>
internal sealed class FakeSource : IEventSource
{
    private readonly Lock _lock = new();
    private readonly List<StoredEvent> _events = [];
    private readonly HashSet<long> _purged = [];

    public int BlockSize { get; init; } = 7;

    /// <summary>Between which seqs its index knows something denied, whether that is so or not; unset for a log without an index.</summary>
    public Func<long, long, (long From, long To)>? Denied { get; init; }

    public int Reads { get; private set; }

    public long Size
    {
        get
        {
            lock (_lock)
            {
                return _events.Count;
            }
        }
    }

    public void Add(string stream = "activity", string result = "success", string? extra = null, long? receivedNs = null)
    {
        lock (_lock)
        {
            long seq = _events.Count;
            string json = $$"""{"id":"e{{seq}}","actor":"user:u{{seq % 5}}","action":"tool.call","result":"{{result}}","target":"t{{seq % 3}}"{{extra}}}""";
            _events.Add(new StoredEvent(seq, receivedNs ?? 1_767_225_600_000_000_000 + seq * 1_000_000, EntryKind.Event,
                EnvelopeCodec.Write(new Envelope { Stream = stream, Receiver = "events", Key = "k1" }), default, default, Encoding.UTF8.GetBytes(json)));
        }
    }

    public void Add(StoredEvent stored)
    {
        lock (_lock)
        {
            _events.Add(stored with { Seq = _events.Count });
        }
    }

    public void Add(int count)
    {
        for (int i = 0; i < count; i++)
        {
            Add();
        }
    }

    public void Purge(long seq)
    {
        lock (_lock)
        {
            _purged.Add(seq);
        }
    }

    public ValueTask<long> SizeAsync(CancellationToken cancellationToken) => ValueTask.FromResult(Size);

    public ValueTask<(long From, long To)> DeniedWithinAsync(long from, long to, CancellationToken cancellationToken) => ValueTask.FromResult(Denied?.Invoke(from, to) ?? (from, to));

    public async IAsyncEnumerable<SourceBlock> ReadAsync(long from, long to, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await ValueTask.CompletedTask;
        Reads++;
        for (long at = from; at < Math.Min(to, Size); at += BlockSize)
        {
            List<StoredEvent> block = [];
            byte[] leaves;
            lock (_lock)
            {
                for (long seq = at; seq < Math.Min(Math.Min(to, _events.Count), at + BlockSize); seq++)
                {
                    if (!_purged.Contains(seq))
                    {
                        block.Add(_events[(int)seq]);
                    }
                }

                leaves = new byte[32 * block.Count];
                for (int i = 0; i < block.Count; i++)
                {
                    leaves.AsSpan(i * 32, 32).Fill((byte)block[i].Seq);
                }
            }

            cancellationToken.ThrowIfCancellationRequested();
            yield return new SourceBlock(block, leaves);
        }
    }
}
