using System.Collections.Immutable;
using Muniment.Events;
using Muniment.Events.Blocks;
using Muniment.Events.Canonical;
using Muniment.Events.Keys;
using Muniment.Events.Mapping;
using Muniment.Gateway.Ingest;
using Muniment.Messages.Journal;

namespace Muniment.Gateway.Tests.Hosting;

/// <summary>A journal in memory with the repeat rules of the real one; what it holds was decoded from the very segments that the door made.</summary>
internal sealed class MemoryJournal(ITenantKeyring keyring) : IEventSink
{
    private readonly Lock _gate = new();
    private readonly Dictionary<TenantId, Log> _logs = [];

    /// <summary>Set to answer every append with this status.</summary>
    public AppendStatus? Answer { get; set; }

    /// <summary>Set to hold every append until it completes.</summary>
    public Task Hold { get; set; } = Task.CompletedTask;

    public IReadOnlyList<StoredEvent> Stored(TenantId tenant)
    {
        lock (_gate)
        {
            return _logs.TryGetValue(tenant, out Log? log) ? [.. log.Events] : [];
        }
    }

    public IReadOnlyList<CanonicalEvent> Canonical(TenantId tenant)
    {
        var reader = new EventReader(tenant, new OtlpMapper());
        return [.. Stored(tenant).Select(stored => reader.Read(stored))];
    }

    public async Task<AppendResult> AppendAsync(TenantId tenant, ImmutableArray<Segment> segments, ReadOnlyMemory<byte> requestDigest, ImmutableArray<EventIdMessage> ids,
        ReadOnlyMemory<byte> answer, bool priority, CancellationToken cancellationToken)
    {
        await Hold.WaitAsync(cancellationToken);
        if (Answer is { } status)
        {
            return new AppendResult(status, 0, 0, default, [], null);
        }

        lock (_gate)
        {
            if (!_logs.TryGetValue(tenant, out Log? log))
            {
                _logs[tenant] = log = new Log();
            }

            return log.Append(tenant, keyring, segments, requestDigest, ids);
        }
    }

    private sealed class Log
    {
        private readonly Dictionary<string, (long First, long Last)> _requests = [];
        private readonly Dictionary<UInt128, ulong> _ids = [];

        public List<StoredEvent> Events { get; } = [];

        public AppendResult Append(TenantId tenant, ITenantKeyring keyring, ImmutableArray<Segment> segments, ReadOnlyMemory<byte> requestDigest, ImmutableArray<EventIdMessage> ids)
        {
            string digest = Convert.ToHexString(requestDigest.Span);
            if (digest.Length > 0 && _requests.TryGetValue(digest, out (long First, long Last) before))
            {
                return new AppendResult(AppendStatus.Repeated, before.First, before.Last, default, [], null);
            }

            ImmutableArray<KnownIdMessage> known =
                [.. ids.Where(id => _ids.ContainsKey(Name(id))).Select(id => new KnownIdMessage(id.Index, _ids[Name(id)] == id.Content))];
            if (known.Length > 0)
            {
                return new AppendResult(AppendStatus.IdsKnown, 0, 0, default, known, null);
            }

            long first = Events.Count;
            using var decoder = new SegmentDecoder();
            foreach (Segment segment in segments)
            {
                Events.AddRange(decoder.Decode(segment.Payload.Span, tenant, keyring, Events.Count).Events);
            }

            foreach (EventIdMessage id in ids)
            {
                _ids[Name(id)] = id.Content;
            }

            if (digest.Length > 0)
            {
                _requests[digest] = (first, Events.Count - 1);
            }

            return new AppendResult(AppendStatus.Accepted, first, Events.Count - 1, default, [], null);
        }

        private static UInt128 Name(EventIdMessage id) => new(id.IdHigh, id.IdLow);
    }
}
