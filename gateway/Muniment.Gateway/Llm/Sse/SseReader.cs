using System.Buffers;

namespace Muniment.Gateway.Llm.Sse;

/// <summary>
/// Cuts a byte stream into server-sent events (WHATWG HTML, 9.2): lines end with LF, CR LF or CR, frames with an empty line, several <c>data</c> lines join with a line feed, lines that
/// begin with a colon are comments, a byte order mark at the start is ignored. Bounded; one stream an instance. Rents its buffer.
/// </summary>
internal sealed class SseReader(int maxFrameBytes = SseReader.DefaultMaxFrameBytes) : IDisposable
{
    /// <summary>Largest frame: the Responses API repeats whole answers in its last frame.</summary>
    public const int DefaultMaxFrameBytes = 32 << 20;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(8 * 1024);
    private byte[] _joined = [];
    private int _start;
    private int _end;
    private int _scanned;
    private bool _begun;

    /// <summary>Bytes that were received and belong to no finished frame yet.</summary>
    public int PendingBytes => _end - _start;

    /// <summary>Bytes received and not taken.</summary>
    public ReadOnlyMemory<byte> Pending => _buffer.AsMemory(_start, _end - _start);

    /// <summary>Room to receive into; tell how much was written with <see cref="Advance"/>.</summary>
    public Memory<byte> GetMemory(int sizeHint = 4096)
    {
        if (_start > 0 && (_start == _end || _buffer.Length - _end < sizeHint))
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _scanned -= _start;
            _start = 0;
        }

        if (_buffer.Length - _end < sizeHint)
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(_end + sizeHint, _buffer.Length * 2));
            _buffer.AsSpan(0, _end).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }

        return _buffer.AsMemory(_end);
    }

    /// <summary>Counts received bytes.</summary>
    public void Advance(int count) => _end += count;

    /// <summary>Takes the next whole frame.</summary>
    /// <param name="ended">Whether the stream has ended, so that a CR at its end closes a line.</param>
    /// <param name="frame">The frame.</param>
    public SseReadStatus TryRead(bool ended, out SseFrame frame)
    {
        frame = default;
        if (!_begun)
        {
            ReadOnlySpan<byte> mark = [0xEF, 0xBB, 0xBF];
            ReadOnlySpan<byte> received = _buffer.AsSpan(_start, _end - _start);
            if (received.Length < 3 && !ended && mark.StartsWith(received))
            {
                return SseReadStatus.NeedsMore;
            }

            _start += received.StartsWith(mark) ? 3 : 0;
            _scanned = _start;
            _begun = true;
        }

        // _scanned stands at the beginning of the first line that was not looked at yet.
        while (true)
        {
            ReadOnlySpan<byte> rest = _buffer.AsSpan(_scanned, _end - _scanned);
            int stop = rest.IndexOfAny((byte)'\n', (byte)'\r');
            if (stop < 0 || (rest[stop] == (byte)'\r' && stop + 1 == rest.Length && !ended))
            {
                return _end - _start > maxFrameBytes ? SseReadStatus.TooLarge : SseReadStatus.NeedsMore;
            }

            int next = stop + (rest[stop] == (byte)'\r' && stop + 1 < rest.Length && rest[stop + 1] == (byte)'\n' ? 2 : 1);
            _scanned += next;
            if (stop > 0)
            {
                continue;
            }

            int begin = _start;
            _start = _scanned;
            if (_scanned - begin > maxFrameBytes)
            {
                return SseReadStatus.TooLarge;
            }

            frame = Parse(_buffer.AsMemory(begin, _scanned - begin));
            return SseReadStatus.Frame;
        }
    }

    /// <summary>
    /// Takes what is left at the end of a stream as a frame, as lenient servers end theirs without the last blank line. Clients ignore such a frame; here it is looked at all the same.
    /// </summary>
    public bool TryReadRest(out SseFrame frame)
    {
        frame = _end > _start ? Parse(_buffer.AsMemory(_start, _end - _start)) : default;
        _start = _scanned = _end;
        return frame.Raw.Length > 0;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        _start = _end = _scanned = 0;
    }

    private SseFrame Parse(ReadOnlyMemory<byte> raw)
    {
        ReadOnlyMemory<byte> name = default;
        ReadOnlyMemory<byte> data = default;
        int dataLines = 0;
        int joined = 0;
        for (int position = 0; position < raw.Length;)
        {
            ReadOnlySpan<byte> rest = raw.Span[position..];
            int length = rest.IndexOfAny((byte)'\n', (byte)'\r');
            length = length < 0 ? rest.Length : length;
            ReadOnlyMemory<byte> line = raw.Slice(position, length);
            position += length + (length + 1 < rest.Length && rest[length] == (byte)'\r' && rest[length + 1] == (byte)'\n' ? 2 : 1);
            int colon = line.Span.IndexOf((byte)':');
            ReadOnlySpan<byte> field = colon < 0 ? line.Span : line.Span[..colon];
            ReadOnlyMemory<byte> value = colon < 0 ? default : line[(colon + 1)..];
            value = value.Span is [(byte)' ', ..] ? value[1..] : value;
            if (field.SequenceEqual("event"u8))
            {
                name = value;
            }
            else if (field.SequenceEqual("data"u8))
            {
                if (dataLines == 1)
                {
                    joined = Join(0, data, first: true);
                }

                data = value;
                joined = dataLines > 0 ? Join(joined, value, first: false) : 0;
                dataLines++;
            }
        }

        return new SseFrame(raw, name, dataLines > 1 ? _joined.AsMemory(0, joined) : data, dataLines > 0);
    }

    private int Join(int length, ReadOnlyMemory<byte> value, bool first)
    {
        int needed = length + value.Length + 1;
        if (_joined.Length < needed)
        {
            Array.Resize(ref _joined, Math.Max(needed, _joined.Length * 2));
        }

        if (!first)
        {
            _joined[length++] = (byte)'\n';
        }

        value.Span.CopyTo(_joined.AsSpan(length));
        return length + value.Length;
    }
}
