namespace Muniment.Journal.Sealing;

/// <summary>Everything that takes the place of some commit rows.</summary>
internal sealed record SealedBlockRow(
    long FirstSeq, long LastSeq, long MinNs, long MaxNs, long ReceivedNs, byte[] Peaks, byte[] Payload, byte[] Terms, byte[] Bloom)
{
    public long SizeBytes => Peaks.Length + Payload.Length + Terms.Length + Bloom.Length;
}
