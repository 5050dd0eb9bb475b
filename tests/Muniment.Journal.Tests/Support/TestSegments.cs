using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Muniment.Events;
using Muniment.Events.Blocks;
using Muniment.Events.Keys;

namespace Muniment.Journal.Tests;

/// <summary>Requests with recognisable events.</summary>
internal static class TestSegments
{
    public const long Start = 1_760_000_000_000_000_000;

    public static PendingAppend Request(
        TenantKeys keys, int count, string label, long receivedNs = Start, string? digest = null, IEnumerable<(string Id, ulong Content)>? ids = null, string? correlation = null)
    {
        using SegmentEncoder encoder = new();
        ImmutableArray<Segment>.Builder segments = ImmutableArray.CreateBuilder<Segment>();
        int done = 0;
        while (done < count)
        {
            encoder.Begin(keys, receivedNs);
            int envelope = encoder.AddEnvelope("""{"receiver":"events"}"""u8);
            for (; done < count && !encoder.IsFull; done++)
            {
                encoder.Add(EntryKind.Event, envelope, -1, -1, Encoding.UTF8.GetBytes($$"""{"actor":{"id":"a","type":"agent"},"action":"tool.execute","result":"success","label":"{{label}}","n":{{done}}}"""), receivedNs + done);
                if (correlation is not null)
                {
                    encoder.Add(TermField.Correlation, Encoding.UTF8.GetBytes(correlation));
                }
            }

            segments.Add(encoder.Finish());
        }

        return new PendingAppend(
            segments.ToImmutable(),
            digest is null ? default : Digest(digest),
            [.. (ids ?? []).Select((id, index) => new EventIdDigest(index, new UInt128(BitConverter.ToUInt64(Digest(id.Id)), BitConverter.ToUInt64(Digest(id.Id), 8)), id.Content))],
            Encoding.UTF8.GetBytes("answer " + label));
    }

    public static string Text(StoredEvent stored) => Encoding.UTF8.GetString(stored.Record.Span);

    private static byte[] Digest(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text))[..16];
}
