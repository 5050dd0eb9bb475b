using System.Runtime.InteropServices;

namespace Muniment.Journal.Index;

/// <summary>
/// The terms of consecutive runs in one ascending order, each with the numbers its blocks have in the run to be. A term that is common in a run counts for all of that run's blocks, because
/// which of them have it was not written. There are few runs, so the smallest term is found by looking at all of them. Sealing thread only.
/// </summary>
internal sealed class RunMerge
{
    private const ulong End = ulong.MaxValue; // terms have 48 bits

    private readonly IReadOnlyList<RunSource> _sources;
    private readonly int[] _offsets;
    private readonly ulong[] _heads;
    private readonly (ulong Term, int Offset, int Blocks)[] _common;
    private readonly List<int> _blocks = [];
    private int _nextCommon;

    /// <summary>Begins before the first term of <paramref name="sources"/>, which come in the order of their blocks.</summary>
    public RunMerge(IReadOnlyList<RunSource> sources)
    {
        _sources = sources;
        _offsets = new int[sources.Count];
        _heads = new ulong[sources.Count];
        List<(ulong Term, int Offset, int Blocks)> common = [];
        int offset = 0;
        for (int i = 0; i < sources.Count; i++)
        {
            _offsets[i] = offset;
            _heads[i] = sources[i].MoveNext() ? sources[i].Term : End;
            foreach (ulong term in sources[i].Run.Common)
            {
                common.Add((term, offset, sources[i].Run.Blocks));
            }

            offset += sources[i].Run.Blocks;
        }

        common.Sort();
        _common = [.. common];
    }

    /// <summary>The next term and its blocks, ascending and each once; they are good until the next call. False at the end.</summary>
    public bool TryNext(out ulong term, out ReadOnlySpan<int> blocks)
    {
        term = _nextCommon < _common.Length ? _common[_nextCommon].Term : End;
        foreach (ulong head in _heads)
        {
            term = Math.Min(term, head);
        }

        _blocks.Clear();
        if (term == End)
        {
            blocks = default;
            return false;
        }

        bool wasCommon = TakeCommon(term);
        for (int i = 0; i < _heads.Length; i++)
        {
            // A term goes on in the next page when its blocks did not fit.
            while (_heads[i] == term)
            {
                foreach (int block in _sources[i].Blocks)
                {
                    _blocks.Add(_offsets[i] + block);
                }

                _heads[i] = _sources[i].MoveNext() ? _sources[i].Term : End;
            }
        }

        if (wasCommon)
        {
            _blocks.Sort(); // what the runs gave is in order, but comes after the common ones
        }

        blocks = CollectionsMarshal.AsSpan(_blocks);
        return true;
    }

    private bool TakeCommon(ulong term)
    {
        bool taken = false;
        for (; _nextCommon < _common.Length && _common[_nextCommon].Term == term; _nextCommon++)
        {
            (_, int offset, int blocks) = _common[_nextCommon];
            for (int i = 0; i < blocks; i++)
            {
                _blocks.Add(offset + i);
            }

            taken = true;
        }

        return taken;
    }
}
