using System.Runtime.InteropServices;
using Dapper;
using Muniment.Events;
using Muniment.Events.Blocks;
using Muniment.Events.Keys;
using Muniment.Journal.Storage;

namespace Muniment.Journal.Index;

/// <summary>Reads a run from its first term to its last, some pages at a time, for merging. Used by the sealing thread only.</summary>
internal sealed class RunSource(IStateDatabase database, ITenantKeyring keyring, TenantId tenant, long tenantNo, IndexRun run)
{
    private const int PagesAtOnce = 64;

    private readonly Queue<TermIndex.PageRow> _pages = new();
    private readonly List<(ulong Term, int Start, int Count)> _terms = [];
    private readonly List<int> _blocks = []; // of all terms of the page
    private readonly List<int> _read = [];
    private int _at;
    private long _lastFence = -1;

    public IndexRun Run => run;

    /// <summary>The term that is read next.</summary>
    public ulong Term => _terms[_at].Term;

    /// <summary>Its blocks within the page; the same term may follow again with more.</summary>
    public ReadOnlySpan<int> Blocks => CollectionsMarshal.AsSpan(_blocks).Slice(_terms[_at].Start, _terms[_at].Count);

    /// <summary>Goes to the next term; false at the end.</summary>
    public bool MoveNext()
    {
        _at++;
        while (_at >= _terms.Count)
        {
            if (!NextPage())
            {
                return false;
            }
        }

        return true;
    }

    private bool NextPage()
    {
        if (_pages.Count == 0)
        {
            foreach (TermIndex.PageRow row in database.ReadAsync(connection => connection.Query<TermIndex.PageRow>(
                "SELECT fence AS Fence, page AS Page FROM index_page WHERE tenant_no=@tenantNo AND run_no=@RunNo AND fence>@last ORDER BY fence LIMIT @count",
                new { tenantNo, run.RunNo, last = _lastFence, count = PagesAtOnce }).ToArray()).GetAwaiter().GetResult())
            {
                _pages.Enqueue(row);
                _lastFence = row.Fence;
            }
        }

        if (!_pages.TryDequeue(out TermIndex.PageRow? page))
        {
            return false;
        }

        _terms.Clear();
        _blocks.Clear();
        _at = 0;
        IndexPageReader reader = new(page.Fence, PageCipher.Open(keyring, tenant, FrameFormat.IndexPage, run.RunNo, page.Fence, page.Page));
        while (reader.TryRead(out ulong term, _read))
        {
            _terms.Add((term, _blocks.Count, _read.Count));
            _blocks.AddRange(CollectionsMarshal.AsSpan(_read));
        }

        return true;
    }
}
