using System.Collections.Concurrent;
using Muniment.Events;
using Muniment.Gateway.Hosting;
using Muniment.Journal;
using Muniment.Messages.Tenants;

namespace Muniment.Gateway.Ingest.Limits;

/// <summary>
/// Holds tenants to their quotas. <c>events_per_s</c> is a bucket that holds one second's worth; a request larger than the bucket passes when the bucket is
/// full and leaves it in debt, else it could never pass. <c>bytes_per_day</c> counts decoded bytes of a UTC day. Each gateway counts these two for itself, anew
/// after a restart. <c>disk_bytes</c> is looked up behind the scenes and at most <see cref="DiskFreshMs"/> old. Thread-safe.
/// </summary>
internal sealed class QuotaGate(TimeProvider time, IJournalUsage? usage = null)
{
    /// <summary>Age at which a tenant's use of the disk is looked up again.</summary>
    public const int DiskFreshMs = 5000;

    private readonly ConcurrentDictionary<TenantId, Use> _uses = new();

    /// <summary>Null when the request may pass (and is counted), else why not.</summary>
    public Refusal? Check(TenantId tenant, QuotaMessage quota, int events, long bytes) => Check(tenant, quota, events, bytes, isTaken: true);

    /// <summary>The same before the request is worked on, without counting it: a flood over its quota then costs little more than receiving it.</summary>
    public Refusal? Look(TenantId tenant, QuotaMessage quota, int events, long bytes) => Check(tenant, quota, events, bytes, isTaken: false);

    private Refusal? Check(TenantId tenant, QuotaMessage quota, int events, long bytes, bool isTaken)
    {
        if (quota is { EventsPerSecond: 0, BytesPerDay: 0, DiskBytes: 0 })
        {
            return null;
        }

        Use use = _uses.GetOrAdd(tenant, static _ => new Use());
        bool look;
        Refusal? refusal;
        lock (use)
        {
            look = quota.DiskBytes > 0 && usage is not null && use.MayLook(time);
            refusal = use.Check(quota, events, bytes, time, isTaken);
        }

        if (look)
        {
            _ = LookAsync(tenant, use);
        }

        return refusal;
    }

    private async Task LookAsync(TenantId tenant, Use use)
    {
        long? bytes = null;
        try
        {
            bytes = await usage!.StoredBytesAsync(tenant, CancellationToken.None);
        }
        catch (Exception)
        {
            // Storage that cannot be read says so elsewhere; the next look is due in a while.
        }

        lock (use)
        {
            use.Looked(bytes);
        }
    }

    /// <summary>State of one tenant; owned by whoever holds its lock.</summary>
    private sealed class Use
    {
        private double _level = double.NaN;
        private long _filledAt;
        private long _day;
        private long _dayBytes;
        private long _diskBytes;
        private long _lookedAt;
        private bool _looking;
        private bool _everLooked;

        public bool MayLook(TimeProvider time)
        {
            if (_looking || (_everLooked && time.GetElapsedTime(_lookedAt).TotalMilliseconds < DiskFreshMs))
            {
                return false;
            }

            _looking = _everLooked = true;
            _lookedAt = time.GetTimestamp();
            return true;
        }

        public void Looked(long? bytes)
        {
            _looking = false;
            _diskBytes = bytes ?? _diskBytes;
        }

        public Refusal? Check(QuotaMessage quota, int events, long bytes, TimeProvider time, bool isTaken)
        {
            long day = time.GetUtcNow().ToUnixTimeSeconds() / 86_400;
            if (day != _day)
            {
                _day = day;
                _dayBytes = 0;
            }

            if (quota.DiskBytes > 0 && _diskBytes >= quota.DiskBytes)
            {
                IngestInstruments.Limited("disk_bytes");
                return CapacityRefusals.DiskBytes;
            }

            if (quota.BytesPerDay > 0 && _dayBytes + bytes > quota.BytesPerDay)
            {
                IngestInstruments.Limited("bytes_per_day");
                return CapacityRefusals.BytesPerDay;
            }

            if (quota.EventsPerSecond > 0)
            {
                Fill(quota.EventsPerSecond, time);
                if (_level < Math.Min(events, quota.EventsPerSecond))
                {
                    IngestInstruments.Limited("events_per_s");
                    return CapacityRefusals.EventsPerSecond;
                }

                _level -= isTaken ? events : 0;
            }

            _dayBytes += isTaken ? bytes : 0;
            return null;
        }

        private void Fill(long perSecond, TimeProvider time)
        {
            long now = time.GetTimestamp();
            _level = double.IsNaN(_level) ? perSecond : Math.Min(perSecond, _level + (time.GetElapsedTime(_filledAt, now).TotalSeconds * perSecond));
            _filledAt = now;
        }
    }
}
