using System.Collections.Concurrent;
using Muniment.Events;
using Muniment.Events.Blocks;
using Muniment.Events.Blocks.Sealed;
using Muniment.Events.Keys;
using Muniment.Journal.Storage;

namespace Muniment.Journal.Reading;

/// <summary>Decodes stored payloads, commit blocks and sealed ones. Decoders are kept for the next block, each used by one thread at a time.</summary>
internal sealed class BlockDecoders(ITenantKeyring keyring)
{
    private readonly ConcurrentBag<SegmentDecoder> _segments = [];
    private readonly ConcurrentBag<SealedBlockDecoder> _sealed = [];

    /// <summary>The whole block.</summary>
    public DecodedBlock Decode(TenantId tenant, ReadOnlyMemory<byte> payload, long firstSeq)
    {
        DecodedBlock block;
        if (SealedBlockDecoder.IsSealed(payload.Span))
        {
            SealedBlockDecoder decoder = _sealed.TryTake(out SealedBlockDecoder? kept) ? kept : new SealedBlockDecoder();
            block = decoder.Decode(payload, tenant, keyring, firstSeq);
            _sealed.Add(decoder);
        }
        else
        {
            SegmentDecoder decoder = _segments.TryTake(out SegmentDecoder? kept) ? kept : new SegmentDecoder();
            block = decoder.Decode(payload.Span, tenant, keyring, firstSeq);
            _segments.Add(decoder);
        }

        JournalInstruments.BlocksRead.Add(1);
        return block;
    }

    /// <summary>The whole block for several who follow the log. Its memory is used again when they have left it.</summary>
    public SharedBlock DecodeShared(TenantId tenant, ReadOnlyMemory<byte> payload, long firstSeq)
    {
        var buffers = new BlockBuffers();
        if (SealedBlockDecoder.IsSealed(payload.Span))
        {
            SealedBlockDecoder decoder = _sealed.TryTake(out SealedBlockDecoder? kept) ? kept : new SealedBlockDecoder();
            decoder.Decode(payload, tenant, keyring, firstSeq, buffers);
            _sealed.Add(decoder);
        }
        else
        {
            SegmentDecoder decoder = _segments.TryTake(out SegmentDecoder? kept) ? kept : new SegmentDecoder();
            decoder.Decode(payload.Span, tenant, keyring, firstSeq, buffers);
            _segments.Add(decoder);
        }

        JournalInstruments.BlocksRead.Add(1);
        return new SharedBlock(firstSeq, buffers);
    }

    /// <summary>Of a sealed block the events from one seq up to before another that may have a needle. The payload belongs to the result then.</summary>
    public LoadedBlock Select(TenantId tenant, StoredPayload payload, BlockEntry entry, long from, long to, RowNeedles needles)
    {
        SealedBlockDecoder decoder = _sealed.TryTake(out SealedBlockDecoder? kept) ? kept : new SealedBlockDecoder();
        SealedSelection events = decoder.Select(payload.Bytes, tenant, keyring, entry.FirstSeq, needles, from, to);
        _sealed.Add(decoder);
        JournalInstruments.BlocksRead.Add(1);
        return new LoadedBlock(null, null, events, payload);
    }
}
