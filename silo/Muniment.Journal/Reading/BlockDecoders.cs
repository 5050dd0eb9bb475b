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

    public DecodedBlock Decode(TenantId tenant, byte[] payload, long firstSeq, RowNeedles? needles = null)
    {
        DecodedBlock block;
        if (SealedBlockDecoder.IsSealed(payload))
        {
            SealedBlockDecoder decoder = _sealed.TryTake(out SealedBlockDecoder? kept) ? kept : new SealedBlockDecoder();
            block = decoder.Decode(payload, tenant, keyring, firstSeq, needles);
            _sealed.Add(decoder);
        }
        else
        {
            SegmentDecoder decoder = _segments.TryTake(out SegmentDecoder? kept) ? kept : new SegmentDecoder();
            block = decoder.Decode(payload, tenant, keyring, firstSeq);
            _segments.Add(decoder);
        }

        JournalInstruments.BlocksRead.Add(1);
        return block;
    }
}
