using Muniment.Events.Keys;
using Muniment.Events.Terms;

namespace Muniment.Events.Blocks;

/// <summary>
/// Builds one <see cref="Segment"/>: <see cref="Begin"/>, then for each event its parts, its terms and <see cref="Add(EntryKind, int, int, int, ReadOnlySpan{byte}, long)"/>,
/// then <see cref="Finish()"/>. When <see cref="IsFull"/>, finish and begin the next one. Allocates nothing per event. Used by one thread at a time, again and again.
/// </summary>
public sealed class SegmentEncoder : ITermSink, IDisposable
{
    /// <summary>A segment is full at this much content.</summary>
    public const int FullSizeBytes = 4 * 1024 * 1024;

    /// <summary>A segment is full at this many distinct terms.</summary>
    public const int FullTerms = 65_536;

    /// <summary>Longest envelope, resource, scope or record; with it a full segment stays below <see cref="SegmentHeader.MaxRawLength"/>.</summary>
    public const int MaxPartSizeBytes = 24 * 1024 * 1024;

    private readonly GrowingBuffer _content = new(256 * 1024);
    private readonly SegmentDictionary _envelopes = new();
    private readonly SegmentDictionary _resources = new();
    private readonly SegmentDictionary _scopes = new();
    private readonly TermSet _terms = new();
    private readonly CommitmentPipeline _pipeline = new();
    private readonly FrameCipher _cipher = new();
    private readonly byte[] _salts = new byte[Segment.MaxEvents * Blocks.Salts.SizeBytes];
    private readonly Row[] _rows = new Row[Segment.MaxEvents];
    private TenantKeys? _keys;
    private TermHasher _hasher;
    private long _receivedNs;
    private long _minTimeNs;
    private long _maxTimeNs;

    /// <summary>Events added since <see cref="Begin"/>.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes of content so far, before compression.</summary>
    public int RawLength => _content.Length;

    /// <summary>Whether the segment must be finished before the next event.</summary>
    public bool IsFull => Count == Segment.MaxEvents || _content.Length >= FullSizeBytes || _terms.Count >= FullTerms;

    /// <summary>Starts a segment; anything not finished is forgotten. Indices of earlier segments are void.</summary>
    /// <param name="keys">The tenant's current keys.</param>
    /// <param name="receivedNs">When the request was taken, Unix ns.</param>
    public void Begin(TenantKeys keys, long receivedNs)
    {
        _cipher.Use(keys);
        _keys = keys;
        _hasher = new TermHasher(keys);
        _receivedNs = receivedNs;
        _minTimeNs = long.MaxValue;
        _maxTimeNs = long.MinValue;
        Count = 0;
        _envelopes.Clear();
        _resources.Clear();
        _scopes.Clear();
        _terms.Clear();
        _content.Clear(2 * FullSizeBytes);
        _content.WriteInt64BigEndian(receivedNs);
    }

    /// <summary>Index of an envelope (JSON); equal ones are kept once.</summary>
    public int AddEnvelope(ReadOnlySpan<byte> envelope) => _envelopes.Intern(_content, SegmentTag.Envelope, Checked(envelope));

    /// <summary>Index of an OTLP resource without its scopes; equal ones are kept once.</summary>
    public int AddResource(ReadOnlySpan<byte> resource) => _resources.Intern(_content, SegmentTag.Resource, Checked(resource));

    /// <summary>Index of an OTLP scope without its records; equal ones are kept once.</summary>
    public int AddScope(ReadOnlySpan<byte> scope) => _scopes.Intern(_content, SegmentTag.Scope, Checked(scope));

    /// <summary>Adds the next event.</summary>
    /// <param name="kind">What the record is.</param>
    /// <param name="envelope">From <see cref="AddEnvelope"/>.</param>
    /// <param name="resource">From <see cref="AddResource"/>; -1 for <see cref="EntryKind.Event"/>.</param>
    /// <param name="scope">From <see cref="AddScope"/>; -1 for <see cref="EntryKind.Event"/>.</param>
    /// <param name="record">The sender's bytes.</param>
    /// <param name="timeNs">Its <c>ts</c>, Unix ns.</param>
    public void Add(EntryKind kind, int envelope, int resource, int scope, ReadOnlySpan<byte> record, long timeNs)
    {
        if (_keys is null || IsFull)
        {
            throw new InvalidOperationException(_keys is null ? "Begin comes first" : "the segment is full: finish it and begin the next one");
        }

        bool plain = kind == EntryKind.Event;
        if (kind is not (EntryKind.Event or EntryKind.Log or EntryKind.Span or EntryKind.Metric) || (uint)envelope >= (uint)_envelopes.Count
            || (plain ? resource != -1 || scope != -1 : (uint)resource >= (uint)_resources.Count || (uint)scope >= (uint)_scopes.Count))
        {
            throw new ArgumentException($"kind {kind} with envelope {envelope}, resource {resource}, scope {scope}: indices of this segment are expected, -1 for events");
        }

        Checked(record);
        _content.WriteByte((byte)kind);
        _content.WriteVarint((ulong)envelope);
        if (!plain)
        {
            _content.WriteVarint((ulong)resource);
            _content.WriteVarint((ulong)scope);
        }

        _content.WriteVarint((ulong)record.Length);
        _rows[Count++] = new Row(kind, envelope, resource, scope, _content.Length, record.Length);
        _content.Write(record);
        _minTimeNs = Math.Min(_minTimeNs, timeNs);
        _maxTimeNs = Math.Max(_maxTimeNs, timeNs);
    }

    /// <summary>Adds an index term of this segment (<see cref="TermHasher.Hash"/>).</summary>
    public void AddTerm(ulong term)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(term, 0xffff_ffff_ffffUL);
        _terms.Add(term);
    }

    /// <inheritdoc/>
    public void Add(TermField field, ReadOnlySpan<byte> value)
    {
        if (!value.IsEmpty)
        {
            _terms.Add(_hasher.Hash(field, value));
        }
    }

    /// <summary>Hashes, compresses and encrypts what was added. The segment owns its bytes.</summary>
    public Segment Finish() => Finish(SegmentNonce.Create());

    /// <summary>The same for who finishes small segments often: compressed by LZ4 from the size on at which anything is compressed. What is sealed soon need not be small.</summary>
    public Segment FinishFast() => Finish(SegmentNonce.Create(), FrameCipher.MinCompressedSizeBytes);

    /// <summary>The same under a given nonce, for known-answer tests.</summary>
    internal Segment Finish(SegmentNonce nonce, int minLz4SizeBytes = FrameCipher.MinLz4SizeBytes)
    {
        if (_keys is not { } keys || Count == 0)
        {
            throw new InvalidOperationException("a segment has at least one event");
        }

        byte[] leaves = HashLeaves(nonce);
        byte[] payload = Encode(keys, nonce, minLz4SizeBytes, out int sizeBytes);
        Segment segment = new Segment(Count, _receivedNs, _minTimeNs, _maxTimeNs, payload.AsMemory(0, sizeBytes), leaves, _terms.ToSortedBytes()).Owning(payload);
        _keys = null;
        Count = 0;
        return segment;
    }

    /// <inheritdoc/>
    public void Dispose() => _cipher.Dispose();

    private static ReadOnlySpan<byte> Checked(ReadOnlySpan<byte> part) => part.Length <= MaxPartSizeBytes
        ? part
        : throw new ArgumentException($"a part has at most {MaxPartSizeBytes} bytes, not {part.Length}");

    private byte[] HashLeaves(SegmentNonce nonce)
    {
        Span<byte> salts = _salts.AsSpan(0, Count * Blocks.Salts.SizeBytes);
        Blocks.Salts.Derive(_cipher.Salts, nonce, 0, salts);
        byte[] leaves = new byte[Count * 32];
        _pipeline.Begin(leaves, default);
        ReadOnlySpan<byte> content = _content.Written;
        for (int i = 0; i < Count; i++)
        {
            ref readonly Row row = ref _rows[i];
            bool plain = row.Kind == EntryKind.Event;
            _pipeline.Add(
                _receivedNs,
                row.Kind,
                salts.Slice(i * Blocks.Salts.SizeBytes, Blocks.Salts.SizeBytes),
                Part(content, _envelopes[row.Envelope]),
                plain ? default : Part(content, _resources[row.Resource]),
                plain ? default : Part(content, _scopes[row.Scope]),
                content.Slice(row.Offset, row.Length));
        }

        _pipeline.Flush();
        return leaves;
    }

    private byte[] Encode(TenantKeys keys, SegmentNonce nonce, int minLz4SizeBytes, out int sizeBytes)
    {
        ReadOnlySpan<byte> stored = _cipher.Compress(_content.Written, FrameCipher.MinCompressedSizeBytes, minLz4SizeBytes, out FrameCodec codec);
        var header = new SegmentHeader(codec, Count, keys.KeyId, nonce, _content.Length, stored.Length);
        sizeBytes = header.TotalLength;
        byte[] payload = Segment.Rent(sizeBytes);
        header.Write(payload);
        _cipher.Encrypt(payload.AsSpan(SegmentHeader.NonceOffset, SegmentNonce.SizeBytes), stored, payload.AsSpan(0, SegmentHeader.SizeBytes), payload.AsSpan(SegmentHeader.SizeBytes));
        return payload;
    }

    private static ReadOnlySpan<byte> Part(ReadOnlySpan<byte> content, (int Offset, int Length) at) => content.Slice(at.Offset, at.Length);

    private readonly record struct Row(EntryKind Kind, int Envelope, int Resource, int Scope, int Offset, int Length);
}
