using Microsoft.Extensions.Options;
using Muniment.Events;
using Muniment.Gateway.Hosting;

namespace Muniment.Gateway.Ingest.Limits;

/// <summary>
/// Bounds the bytes of bodies that are worked on at once, over all tenants, and shares them: with n tenants at work none may hold more than 1/(n+1) of the
/// whole, so however one floods, a newcomer finds room. What does not fit is refused at once (429), never queued. Thread-safe.
/// </summary>
internal sealed class CapacityGate(IOptions<GatewayOptions> options)
{
    // Owner of the fields: whoever holds the lock.
    private readonly Lock _gate = new();
    private readonly Dictionary<TenantId, long> _held = [];
    private readonly long _limitBytes = options.Value.MaxBytesInFlight;
    private long _totalBytes;

    /// <summary>Bytes held at the moment.</summary>
    public long TotalBytes
    {
        get
        {
            lock (_gate)
            {
                return _totalBytes;
            }
        }
    }

    /// <summary>Takes bytes for a tenant; false when they do not fit. A tenant alone may have one request of any size.</summary>
    public bool TryTake(TenantId tenant, long bytes)
    {
        lock (_gate)
        {
            long held = _held.GetValueOrDefault(tenant);
            int others = _held.Count - (held > 0 ? 1 : 0);
            long share = _limitBytes / (others + 2);
            if (_totalBytes + bytes > _limitBytes || (held > 0 && held + bytes > share))
            {
                IngestInstruments.Limited("bytes_in_flight");
                return false;
            }

            _held[tenant] = held + bytes;
            _totalBytes += bytes;
            return true;
        }
    }

    /// <summary>Gives bytes back.</summary>
    public void Return(TenantId tenant, long bytes)
    {
        lock (_gate)
        {
            _totalBytes -= bytes;
            long held = _held.GetValueOrDefault(tenant) - bytes;
            if (held > 0)
            {
                _held[tenant] = held;
            }
            else
            {
                _held.Remove(tenant);
            }
        }
    }
}
