using System.Collections.Concurrent;
using Muniment.Events;
using Muniment.Gateway.Hosting;
using Muniment.Messages.Tenants;

namespace Muniment.Gateway.Ingest.Limits;

/// <summary>
/// Holds tenants to their quotas. <c>events_per_s</c> is a bucket that holds one second's worth; a request larger than the bucket passes when the bucket is
/// full and leaves it in debt, else it could never pass. <c>bytes_per_day</c> counts decoded bytes of a UTC day. Each gateway counts for itself. Thread-safe.
/// </summary>
internal sealed class QuotaGate(TimeProvider time)
{
    private readonly ConcurrentDictionary<TenantId, Use> _uses = new();

    /// <summary>Null when the request may pass (and is counted), else why not.</summary>
    public Refusal? Check(TenantId tenant, QuotaMessage quota, int events, long bytes)
    {
        if (quota is { EventsPerSecond: 0, BytesPerDay: 0 })
        {
            return null;
        }

        Use use = _uses.GetOrAdd(tenant, static _ => new Use());
        lock (use)
        {
            return use.Check(quota, events, bytes, time);
        }
    }

    /// <summary>State of one tenant; owned by whoever holds its lock.</summary>
    private sealed class Use
    {
        private double _level = double.NaN;
        private long _filledAt;
        private long _day;
        private long _dayBytes;

        public Refusal? Check(QuotaMessage quota, int events, long bytes, TimeProvider time)
        {
            long day = time.GetUtcNow().ToUnixTimeSeconds() / 86_400;
            if (day != _day)
            {
                _day = day;
                _dayBytes = 0;
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

                _level -= events;
            }

            _dayBytes += bytes;
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
