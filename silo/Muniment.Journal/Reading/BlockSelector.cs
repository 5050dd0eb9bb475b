using System.Collections;
using System.Collections.Immutable;
using System.Text;
using Muniment.Events;
using Muniment.Events.Keys;
using Muniment.Events.Terms;
using Muniment.Journal.Index;
using Muniment.Journal.Writing;

namespace Muniment.Journal.Reading;

/// <summary>One query's answer to "may this block match?": time, then terms, then words, cheapest first. Holds the bits of the run it was asked about last.</summary>
internal sealed class BlockSelector(
    TermIndex index, BloomStore blooms, ITenantKeyring keyring, TenantDirectory directory, TenantId tenant, BlockFilter filter, bool newestFirst)
{
    private readonly ulong[] _words = Hash(filter.Words, keyring, tenant);
    private IndexRun? _run;
    private BitArray? _runBlocks;

    /// <summary>False when the block certainly has no match; null when the view is out of date and must be read again.</summary>
    public async ValueTask<bool?> MayMatchAsync(DirectoryView view, BlockEntry block, CancellationToken cancellationToken)
    {
        if (block.MaxNs < filter.FromNs || block.MinNs >= filter.ToNs || block.ReceivedNs < filter.ReceivedFromNs)
        {
            return false;
        }

        if (!filter.Terms.IsDefaultOrEmpty)
        {
            bool? match = await AskTermsAsync(view, block, cancellationToken);
            if (match != true)
            {
                return match;
            }
        }

        return _words.Length == 0 || !block.IsSealed
            || await blooms.MayContainAsync(tenant, directory.TenantNo, block.FirstSeq, newestFirst, _words, cancellationToken);
    }

    private async ValueTask<bool?> AskTermsAsync(DirectoryView view, BlockEntry block, CancellationToken cancellationToken)
    {
        if (!block.IsSealed || view.RunOf(block) is not { } run)
        {
            // Without them it may match: whoever reads it finds out whether it was sealed or indexed meanwhile.
            return await directory.TermsAsync(block, cancellationToken) is not { } terms || HasTerms(terms);
        }

        if (_run?.RunNo != run.RunNo)
        {
            _runBlocks = await index.FindAsync(tenant, directory.TenantNo, run, filter.Terms, cancellationToken);
            _run = _runBlocks is null ? null : run;
            if (_runBlocks is null)
            {
                return null;
            }
        }

        return _runBlocks![view.SealedIndex(block.FirstSeq) - view.SealedIndex(run.FirstSeq)];
    }

    private bool HasTerms(byte[] terms)
    {
        foreach (ImmutableArray<ulong> anyOf in filter.Terms)
        {
            if (!TermLists.ContainsAny(terms, anyOf.AsSpan()))
            {
                return false;
            }
        }

        return true;
    }

    private static ulong[] Hash(ImmutableArray<string> words, ITenantKeyring keyring, TenantId tenant)
    {
        if (words.IsDefaultOrEmpty)
        {
            return [];
        }

        TermHasher hasher = new(keyring.Current(tenant));
        return [.. words.Select(word => hasher.HashWord(Encoding.UTF8.GetBytes(word)))];
    }
}
