using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using Muniment.Events;
using Muniment.Events.Administration;
using Muniment.Events.Blocks;
using Muniment.Events.Keys;
using Muniment.Messages.Journal;

namespace Muniment.Grains.Administration;

/// <summary>Records through the tenant's Journal grain, under a digest of the act's id: what a lost answer hides is recognised at the next try and stands once.</summary>
internal sealed partial class JournalAdminRecorder(IGrainFactory grains, ITenantKeyring keyring, TimeProvider time, ILogger<JournalAdminRecorder> logger) : IAdminRecorder
{
    private const int Attempts = 2;

    /// <inheritdoc/>
    public async Task<bool> RecordAsync(OutboxEntry entry)
    {
        try
        {
            AppendRequest request = Encode(entry);
            IJournalGrain journal = grains.GetGrain<IJournalGrain>(entry.Tenant);
            AppendResult result = await journal.Append(request);
            for (int attempt = 1; result.Status is AppendStatus.Fenced && attempt < Attempts; attempt++)
            {
                result = await journal.Append(request);
            }

            if (result.Status is AppendStatus.Accepted or AppendStatus.Repeated or AppendStatus.IdsKnown)
            {
                return true;
            }

            LogPending(logger, entry.Tenant, result.Status, null);
        }
        catch (Exception e)
        {
            // Whether it was stored is not known; asking again is safe.
            LogPending(logger, entry.Tenant, AppendStatus.StorageFailed, e);
        }

        return false;
    }

    private AppendRequest Encode(OutboxEntry entry)
    {
        TenantKeys keys = keyring.Current(TenantId.Parse(entry.Tenant));
        byte[] json = Encoding.UTF8.GetBytes(entry.Event);
        using var encoder = new SegmentEncoder();
        long nowNs = (time.GetUtcNow().UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) * 100;
        Segment s;
        try
        {
            s = AdminEvent.Encode(encoder, keys, entry.KeyId, json, nowNs);
        }
        catch (ArgumentException e)
        {
            // The change is made. Trying this event for ever would refuse every later change, the revocation of a stolen key too.
            LogReduced(logger, entry.Tenant, e.Message);
            s = AdminEvent.Encode(encoder, keys, entry.KeyId, AdminEvent.Reduce(json), nowNs);
        }

        byte[] id = HMACSHA256.HashData(keys.DedupKey.Span, Encoding.UTF8.GetBytes("outbox\0" + entry.Id));
        var known = new EventIdMessage(0, BinaryPrimitives.ReadUInt64BigEndian(id), BinaryPrimitives.ReadUInt64BigEndian(id.AsSpan(8)), BinaryPrimitives.ReadUInt64BigEndian(id.AsSpan(16)));
        return new AppendRequest([new SegmentMessage(s.Count, s.ReceivedNs, s.MinTimeNs, s.MaxTimeNs, s.Payload, s.Leaves, s.Terms)], default, [known], default, Priority: true);
    }

    [LoggerMessage(4102, LogLevel.Warning, "The admin event of a change of tenant {Tenant} is recorded without its values, as sizes and digests: {Reason}")]
    private static partial void LogReduced(ILogger logger, string tenant, string reason);

    [LoggerMessage(4101, LogLevel.Warning, "A change of tenant {Tenant} is made and not yet recorded ({Status}); it is tried again")]
    private static partial void LogPending(ILogger logger, string tenant, AppendStatus status, Exception? exception);
}
