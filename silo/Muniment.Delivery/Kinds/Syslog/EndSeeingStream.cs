namespace Muniment.Delivery.Kinds.Syslog;

/// <summary>Passes bytes on and remembers whether the other side's TCP stream ended, so that an end told inside TLS (close_notify) can be told from a mere end of the connection.</summary>
internal sealed class EndSeeingStream(Stream inner) : Stream
{
    private long _received;

    public bool SawEnd { get; private set; }

    /// <summary>Bytes read so far.</summary>
    public long Received => Interlocked.Read(ref _received);

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override void Flush() => inner.Flush();

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public override int Read(byte[] buffer, int offset, int count) => Seen(inner.Read(buffer, offset, count), count);

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        Seen(await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false), buffer.Length);

    public override void Write(byte[] buffer, int offset, int count) => inner.Write(buffer, offset, count);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => inner.WriteAsync(buffer, cancellationToken);

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }

    private int Seen(int read, int wanted)
    {
        Interlocked.Add(ref _received, read);
        SawEnd |= read == 0 && wanted > 0; // a read of nothing only waits for bytes
        return read;
    }
}
