using System.Text;
using Muniment.Events;
using Muniment.Events.Blocks;
using Muniment.Events.Canonical;
using Muniment.Events.Keys;
using Muniment.Events.Terms;
using Muniment.Journal;
using Muniment.Messages.Budgets;

namespace Muniment.Grains.Budgets;

/// <summary>Counts a window again from the tenant's journal.</summary>
public sealed class BudgetReader(IJournalReader journal, ITenantKeyring keyring)
{
    /// <summary>What was used in the window that is open now.</summary>
    public async Task<IReadOnlyList<BudgetUse>> CountAsync(TenantId tenant, string key, BudgetSpec spec, long nowMs, CancellationToken cancellationToken)
    {
        long fromNs = (spec.IsSliding ? nowMs - spec.WindowMs : spec.StartMs) * 1_000_000;
        var hasher = new TermHasher(keyring.Current(tenant));
        RowNeedles needles = new([Encoding.UTF8.GetBytes(key)], NeedleForm.Whole);
        var filter = new BlockFilter([[hasher.Hash(TermField.Stream, "decision"u8)]], [], fromNs, long.MaxValue, IsPlain(key) ? needles : null);
        var count = new BudgetCount(key);
        var reader = new EventReader(tenant);
        await foreach (JournalBlock block in journal.ReadAsync(tenant, SeqRange.All, filter, newestFirst: false, cancellationToken))
        {
            foreach (StoredEvent stored in block.Events)
            {
                if (stored.Kind == EntryKind.Event && (!IsPlain(key) || needles.MayBeIn(stored)) && reader.Read(stored) is { } e && e.TimeNs >= fromNs)
                {
                    count.Add(e);
                }
            }
        }

        return count.Finish();
    }

    private static bool IsPlain(string key) => !key.AsSpan().ContainsAnyExceptInRange(' ', '~') && !key.AsSpan().ContainsAny('"', '\\');
}
