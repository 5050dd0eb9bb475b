using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Muniment.Events.Keys;

namespace Muniment.Events.Blocks;

/// <summary>Reads commit blocks: segments one after the other. Strict: every byte must be accounted for. Used by one thread at a time.</summary>
public sealed class SegmentDecoder : IDisposable
{
    private readonly FrameCipher _cipher = new();
    private readonly List<ReadOnlyMemory<byte>> _envelopes = [];
    private readonly List<ReadOnlyMemory<byte>> _resources = [];
    private readonly List<ReadOnlyMemory<byte>> _scopes = [];

    /// <summary>Number of events in a payload, from its headers alone (not authenticated).</summary>
    /// <exception cref="JournalCorruptException">The headers do not cover the payload exactly.</exception>
    public static int CountEvents(ReadOnlySpan<byte> payload, long firstSeq)
    {
        int count = 0;
        for (int at = 0; at < payload.Length;)
        {
            SegmentHeader header = SegmentHeader.Read(payload[at..], firstSeq, at);
            count += header.Count;
            at += header.TotalLength;
        }

        return count;
    }

    /// <summary>Bytes of a payload's content once decompressed, from its headers alone: what a sealed block must be limited by, since a payload may be a thousand times smaller.</summary>
    /// <exception cref="JournalCorruptException">The headers do not cover the payload exactly.</exception>
    public static long MeasureRaw(ReadOnlySpan<byte> payload, long firstSeq)
    {
        long size = 0;
        for (int at = 0; at < payload.Length;)
        {
            SegmentHeader header = SegmentHeader.Read(payload[at..], firstSeq, at);
            size += header.RawLength;
            at += header.TotalLength;
        }

        return size;
    }

    /// <summary>Decrypts, decompresses and parses a whole payload.</summary>
    /// <param name="payload">Segments, one after the other.</param>
    /// <param name="tenant">Whose.</param>
    /// <param name="keyring">Where its keys are.</param>
    /// <param name="firstSeq">Seq of the first event.</param>
    /// <exception cref="JournalCorruptException">Anything is not as an encoder wrote it.</exception>
    public DecodedBlock Decode(ReadOnlySpan<byte> payload, TenantId tenant, ITenantKeyring keyring, long firstSeq)
    {
        var events = new StoredEvent[CountEvents(payload, firstSeq)];
        var ranges = ImmutableArray.CreateBuilder<NonceRange>(1);
        int done = 0;
        for (int at = 0; at < payload.Length;)
        {
            SegmentHeader header = SegmentHeader.Read(payload[at..], firstSeq, at);
            byte[] content = GC.AllocateUninitializedArray<byte>(header.RawLength);
            Open(payload.Slice(at, header.TotalLength), header, tenant, keyring, firstSeq, at, content);
            Parse(content, events.AsSpan(done, header.Count), firstSeq, firstSeq + done);
            ranges.Add(new NonceRange(header.KeyId, header.Nonce, 0, header.Count));
            done += header.Count;
            at += header.TotalLength;
        }

        return new DecodedBlock(firstSeq, ImmutableCollectionsMarshal.AsImmutableArray(events), ranges.DrainToImmutable());
    }

    /// <summary>The same, behind what the buffers hold already.</summary>
    /// <exception cref="JournalCorruptException">Anything is not as an encoder wrote it; the buffers must be cleared then.</exception>
    public void Decode(ReadOnlySpan<byte> payload, TenantId tenant, ITenantKeyring keyring, long firstSeq, BlockBuffers buffers)
    {
        ArgumentNullException.ThrowIfNull(buffers);
        int done = 0;
        for (int at = 0; at < payload.Length;)
        {
            SegmentHeader header = SegmentHeader.Read(payload[at..], firstSeq, at);
            Memory<byte> content = buffers.Rent(header.RawLength);
            Open(payload.Slice(at, header.TotalLength), header, tenant, keyring, firstSeq, at, content.Span);
            Parse(content, buffers.Reserve(header.Count), firstSeq, firstSeq + done);
            buffers.Add(new NonceRange(header.KeyId, header.Nonce, 0, header.Count));
            done += header.Count;
            at += header.TotalLength;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _cipher.Dispose();

    private void Open(ReadOnlySpan<byte> frame, in SegmentHeader header, TenantId tenant, ITenantKeyring keyring, long firstSeq, int at, Span<byte> content)
    {
        TenantKeys keys = keyring.Find(tenant, header.KeyId)
            ?? throw new JournalCorruptException(JournalFault.KeyMissing, firstSeq, at, $"key {header.KeyId} of tenant {tenant} is not in the key ring");
        _cipher.Use(keys);
        ReadOnlySpan<byte> nonce = frame.Slice(SegmentHeader.NonceOffset, SegmentNonce.SizeBytes);
        JournalFault? fault = _cipher.Decrypt(nonce, frame[SegmentHeader.SizeBytes..], frame[..SegmentHeader.SizeBytes], header.Codec, content);
        if (fault is not null)
        {
            throw new JournalCorruptException(
                fault.Value,
                firstSeq,
                at,
                fault == JournalFault.Authentication
                    ? $"authentication failed under key {header.KeyId} of tenant {tenant}: bytes were changed, or another key wrote them"
                    : $"the content does not decompress to {header.RawLength} bytes");
        }
    }

    private void Parse(ReadOnlyMemory<byte> content, Span<StoredEvent> events, long blockSeq, long seq)
    {
        _envelopes.Clear();
        _resources.Clear();
        _scopes.Clear();
        var reader = new ContentReader(content, blockSeq);
        long receivedNs = reader.ReadInt64();
        int done = 0;
        while (!reader.AtEnd)
        {
            byte tag = reader.ReadByte();
            switch (tag)
            {
                case SegmentTag.Envelope:
                    _envelopes.Add(reader.ReadBytes());
                    break;
                case SegmentTag.Resource:
                    _resources.Add(reader.ReadBytes());
                    break;
                case SegmentTag.Scope:
                    _scopes.Add(reader.ReadBytes());
                    break;
                case (byte)EntryKind.Event or (byte)EntryKind.Log or (byte)EntryKind.Span or (byte)EntryKind.Metric when done < events.Length:
                    ReadOnlyMemory<byte> envelope = reader.ReadFrom(_envelopes);
                    bool plain = tag == (byte)EntryKind.Event;
                    ReadOnlyMemory<byte> resource = plain ? default : reader.ReadFrom(_resources);
                    ReadOnlyMemory<byte> scope = plain ? default : reader.ReadFrom(_scopes);
                    events[done] = new StoredEvent(seq + done, receivedNs, (EntryKind)tag, envelope, resource, scope, reader.ReadBytes());
                    done++;
                    break;
                default:
                    throw reader.Fail(done < events.Length ? $"unknown item {tag}" : $"item {tag} after the last of {events.Length} events");
            }
        }

        if (done != events.Length)
        {
            throw reader.Fail($"{done} events, the header says {events.Length}");
        }
    }
}
