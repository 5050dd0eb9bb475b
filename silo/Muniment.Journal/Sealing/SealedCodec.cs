using Muniment.Events.Blocks;
using Muniment.Events.Keys;

namespace Muniment.Journal.Sealing;

/// <summary>Encodes a sealed block.</summary>
internal sealed class SealedCodec : IDisposable
{
    /// <summary>The payload of a sealed block: the segments of its commit blocks, one after the other, as they are.</summary>
    public byte[] Encode(DecodedBlock block, IReadOnlyList<SealInput.CommitBlock> rows, TenantKeys keys)
    {
        byte[] payload = new byte[rows.Sum(row => row.Payload.Length)];
        int at = 0;
        foreach (SealInput.CommitBlock row in rows)
        {
            row.Payload.CopyTo(payload, at);
            at += row.Payload.Length;
        }

        return payload;
    }

    public void Dispose()
    {
    }
}
