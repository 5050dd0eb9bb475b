namespace Muniment.Journal.Index;

/// <summary>
/// Packs sorted postings into pages. A page is <c>varint term delta ‖ varint n-1 ‖ n × varint block delta</c>, again and again; the first delta counts from
/// the page's fence, which is its first posting. A term whose blocks do not fit goes on in the next page. Pages hold at most <see cref="MaxContentBytes"/>,
/// so that two of them, encrypted, fit one 8 KiB page of the database.
/// </summary>
internal sealed class IndexPageWriter(Action<long, byte[]> emit)
{
    public const int MaxContentBytes = 3900;

    private const int MaxVarintBytes = 10;

    private readonly byte[] _page = new byte[MaxContentBytes];
    private readonly byte[] _blocks = new byte[MaxContentBytes];
    private int _length;
    private ulong _fence;
    private ulong _lastTerm;

    /// <summary>Adds one term with its blocks, ascending. Terms come in ascending order.</summary>
    public void Add(ulong term, ReadOnlySpan<int> blocks)
    {
        while (!blocks.IsEmpty)
        {
            int room = MaxContentBytes - _length - (2 * MaxVarintBytes);
            if (room < Math.Min(blocks.Length, 16) * 2)
            {
                Flush();
                continue;
            }

            int taken = Encode(blocks, room, out int bytes);
            if (_length == 0)
            {
                _fence = Posting.Of(term, blocks[0]);
                _lastTerm = term;
            }

            Write(term - _lastTerm);
            Write((ulong)(taken - 1));
            _blocks.AsSpan(0, bytes).CopyTo(_page.AsSpan(_length));
            _length += bytes;
            _lastTerm = term;
            blocks = blocks[taken..];
        }
    }

    /// <summary>Hands out what is left.</summary>
    public void Flush()
    {
        if (_length > 0)
        {
            emit((long)_fence, _page.AsSpan(0, _length).ToArray());
            _length = 0;
        }
    }

    private int Encode(ReadOnlySpan<int> blocks, int room, out int bytes)
    {
        bytes = 0;
        int last = 0;
        for (int i = 0; i < blocks.Length; i++)
        {
            if (bytes + 2 > room)
            {
                return i; // a delta below 2^14 takes two bytes at most
            }

            bytes += VarintOf((ulong)(blocks[i] - last), _blocks.AsSpan(bytes));
            last = blocks[i];
        }

        return blocks.Length;
    }

    private void Write(ulong value) => _length += VarintOf(value, _page.AsSpan(_length));

    private static int VarintOf(ulong value, Span<byte> target)
    {
        int at = 0;
        while (value >= 0x80)
        {
            target[at++] = (byte)(value | 0x80);
            value >>= 7;
        }

        target[at++] = (byte)value;
        return at;
    }
}
