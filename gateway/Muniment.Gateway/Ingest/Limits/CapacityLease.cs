using Muniment.Events;

namespace Muniment.Gateway.Ingest.Limits;

/// <summary>What one request holds of the gate. Owned by the request; give it back with <see cref="Dispose"/>.</summary>
internal sealed class CapacityLease(CapacityGate gate, TenantId tenant) : IDisposable
{
    private long _bytes;

    /// <summary>Grows to at least this many bytes; false when they do not fit.</summary>
    public bool TryGrowTo(long bytes)
    {
        if (bytes <= _bytes)
        {
            return true;
        }

        if (!gate.TryTake(tenant, bytes - _bytes))
        {
            return false;
        }

        _bytes = bytes;
        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_bytes > 0)
        {
            gate.Return(tenant, _bytes);
            _bytes = 0;
        }
    }
}
