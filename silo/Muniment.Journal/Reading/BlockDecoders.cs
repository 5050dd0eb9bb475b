using System.Collections.Concurrent;
using Muniment.Events;
using Muniment.Events.Blocks;
using Muniment.Events.Keys;
using Muniment.Journal.Storage;

namespace Muniment.Journal.Reading;

/// <summary>Decodes stored payloads. Decoders are kept for the next block, each used by one thread at a time.</summary>
internal sealed class BlockDecoders(ITenantKeyring keyring)
{
    private readonly ConcurrentBag<SegmentDecoder> _segments = [];

    public DecodedBlock Decode(TenantId tenant, byte[] payload, long firstSeq)
    {
        if (!_segments.TryTake(out SegmentDecoder? decoder))
        {
            decoder = new SegmentDecoder();
        }

        DecodedBlock block = decoder.Decode(payload, tenant, keyring, firstSeq);
        _segments.Add(decoder);
        JournalInstruments.BlocksRead.Add(1);
        return block;
    }
}
