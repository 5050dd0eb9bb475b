using Muniment.Gateway.Ingest.Limits;

namespace Muniment.Gateway.Ingest.Bodies;

/// <summary>A body, read and inflated, with what it holds. Its bytes are void after <see cref="Dispose"/>.</summary>
internal sealed class RequestBody(PooledBuffer buffer, CapacityLease lease) : IDisposable
{
    private PooledBuffer _buffer = buffer;

    /// <summary>The decoded bytes.</summary>
    public ReadOnlyMemory<byte> Memory => _buffer.Written;

    /// <summary>What it holds of the gate.</summary>
    public CapacityLease Lease => lease;

    /// <summary>Puts other bytes in place of these.</summary>
    public void Replace(PooledBuffer decoded)
    {
        _buffer.Dispose();
        _buffer = decoded;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _buffer.Dispose();
        lease.Dispose();
    }
}
