using Muniment.Delivery.Batches;

namespace Muniment.Delivery.Kinds.Syslog;

/// <summary>An open RELP connection: numbers frames and reads answers. Used by one request at a time.</summary>
internal sealed class RelpSession(SyslogConnection connection) : IAsyncDisposable
{
    private static readonly byte[] Offer = "relp_version=0\nrelp_software=muniment\ncommands=syslog"u8.ToArray();

    private readonly byte[] _input = new byte[RelpFrame.MaxAnswerBytes + 128];
    private int _start;
    private int _end;
    private int _number;

    /// <summary>Says what we speak; the receiver's answer is null when it closed.</summary>
    public async Task<RelpFrame?> OpenAsync(CancellationToken cancellationToken)
    {
        using BatchBuffer frame = new(256);
        Next("open"u8, Offer, frame);
        await connection.Stream.WriteAsync(frame.Written, cancellationToken).ConfigureAwait(false);
        return await ReadAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Appends a frame with the next number and says the number.</summary>
    public int Next(ReadOnlySpan<byte> command, ReadOnlySpan<byte> data, BatchBuffer output)
    {
        _number = _number == RelpFrame.MaxNumber ? 1 : _number + 1;
        RelpFrame.Write(_number, command, data, output);
        return _number;
    }

    public ValueTask WriteAsync(ReadOnlyMemory<byte> frames, CancellationToken cancellationToken) => connection.Stream.WriteAsync(frames, cancellationToken);

    /// <summary>The next frame of the receiver; null when it closed.</summary>
    /// <exception cref="InvalidDataException">It does not speak RELP.</exception>
    public async Task<RelpFrame?> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            int taken = RelpFrame.TryRead(_input.AsSpan(_start, _end - _start), out RelpFrame frame);
            if (taken < 0)
            {
                throw new InvalidDataException("not RELP");
            }

            if (taken > 0)
            {
                _start += taken;
                return frame;
            }

            if (_start > 0)
            {
                _input.AsSpan(_start, _end - _start).CopyTo(_input);
                (_start, _end) = (0, _end - _start);
            }

            int read = await connection.Stream.ReadAsync(_input.AsMemory(_end), cancellationToken).ConfigureAwait(false);
            if (read == 0)
            {
                return null;
            }

            _end += read;
        }
    }

    public ValueTask DisposeAsync() => connection.DisposeAsync();
}
