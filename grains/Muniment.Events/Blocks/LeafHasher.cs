using System.Security.Cryptography;
using Muniment.Events.Keys;

namespace Muniment.Events.Blocks;

/// <summary>Makes leaves (and log entries) of decoded events again, to prove them or to check a block before another is deleted. Used by one thread at a time.</summary>
public sealed class LeafHasher
{
    private readonly CommitmentPipeline _pipeline = new();
    private byte[] _salts = [];

    /// <summary>Leaves and log entries of events.</summary>
    /// <param name="events">Consecutive events.</param>
    /// <param name="ranges">Where they came from; counts add up to the number of events.</param>
    /// <param name="tenant">Whose.</param>
    /// <param name="keyring">Where its keys are.</param>
    /// <param name="leaves">32 bytes for each event.</param>
    /// <param name="entries"><see cref="LogEntry.SizeBytes"/> bytes for each event, or empty when they are not wanted.</param>
    /// <exception cref="JournalCorruptException">Ranges and events do not fit, or a key is missing.</exception>
    public void Hash(
        ReadOnlySpan<StoredEvent> events, ReadOnlySpan<NonceRange> ranges, TenantId tenant, ITenantKeyring keyring, Memory<byte> leaves, Memory<byte> entries = default)
    {
        DeriveSalts(events.Length, events.IsEmpty ? 0 : events[0].Seq, ranges, tenant, keyring);
        _pipeline.Begin(leaves[..(events.Length * 32)], entries);
        for (int i = 0; i < events.Length; i++)
        {
            ref readonly StoredEvent stored = ref events[i];
            _pipeline.Add(
                stored.ReceivedNs, stored.Kind, _salts.AsSpan(i * Salts.SizeBytes, Salts.SizeBytes), stored.Envelope.Span, stored.Resource.Span, stored.Scope.Span, stored.Record.Span);
        }

        _pipeline.Flush();
    }

    /// <summary>What makes leaves of messages that lie ready.</summary>
    internal CommitmentPipeline Pipeline => _pipeline;

    /// <summary>The salts of consecutive events, 16 bytes each; valid until the next call. One pass of the cipher for each run of ranges under the same key: small segments may be many.</summary>
    internal ReadOnlySpan<byte> DeriveSalts(int count, long firstSeq, ReadOnlySpan<NonceRange> ranges, TenantId tenant, ITenantKeyring keyring)
    {
        if (_salts.Length < count * Salts.SizeBytes)
        {
            _salts = new byte[count * Salts.SizeBytes];
        }

        int done = 0;
        int run = 0;
        for (int i = 0; i < ranges.Length; i++)
        {
            NonceRange range = ranges[i];
            if (range.Count < 0 || range.Count > count - done)
            {
                throw new JournalCorruptException(JournalFault.Content, firstSeq, 0, $"nonce ranges cover more than the {count} events");
            }

            Salts.WriteInputs(range.Nonce, range.FirstIndex, _salts.AsSpan(done * Salts.SizeBytes, range.Count * Salts.SizeBytes));
            done += range.Count;
            if (i == ranges.Length - 1 || ranges[i + 1].KeyId != range.KeyId)
            {
                TenantKeys keys = keyring.Find(tenant, range.KeyId)
                    ?? throw new JournalCorruptException(JournalFault.KeyMissing, firstSeq, 0, $"key {range.KeyId} of tenant {tenant} is not in the key ring");
                using var aes = Aes.Create();
                aes.SetKey(keys.SaltKey.Span);
                Salts.Encrypt(aes, _salts.AsSpan(run * Salts.SizeBytes, (done - run) * Salts.SizeBytes));
                run = done;
            }
        }

        if (done != count)
        {
            throw new JournalCorruptException(JournalFault.Content, firstSeq, 0, $"nonce ranges cover {done} of {count} events");
        }

        return _salts.AsSpan(0, count * Salts.SizeBytes);
    }
}
