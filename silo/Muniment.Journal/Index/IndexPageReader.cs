using Muniment.Events.Blocks;

namespace Muniment.Journal.Index;

/// <summary>Walks the postings of one page; layout at <see cref="IndexPageWriter"/>.</summary>
internal ref struct IndexPageReader(long fence, ReadOnlySpan<byte> content)
{
    private readonly long _fence = fence;
    private ReadOnlySpan<byte> _rest = content;
    private ulong _term = Posting.Term((ulong)fence);

    /// <summary>The next term and its blocks in this page; false at the end.</summary>
    /// <exception cref="JournalCorruptException">Authenticated bytes that do not decode.</exception>
    public bool TryRead(out ulong term, List<int> blocks)
    {
        blocks.Clear();
        term = _term;
        if (_rest.IsEmpty)
        {
            return false;
        }

        _term += Next();
        term = _term;
        ulong count = Next() + 1;
        ulong block = 0;
        for (ulong i = 0; i < count; i++)
        {
            block += Next();
            if (block >= Posting.MaxBlocks)
            {
                throw Fail($"block {block} of a run");
            }

            blocks.Add((int)block);
        }

        return true;
    }

    private ulong Next()
    {
        ulong value = 0;
        for (int i = 0; i < _rest.Length && i < 10; i++)
        {
            value |= (ulong)(_rest[i] & 0x7f) << (7 * i);
            if (_rest[i] < 0x80)
            {
                _rest = _rest[(i + 1)..];
                return value;
            }
        }

        throw Fail("a number is cut off");
    }

    private readonly JournalCorruptException Fail(string what) => new(JournalFault.Content, _fence, 0, $"index page with fence {_fence}: {what}");
}
