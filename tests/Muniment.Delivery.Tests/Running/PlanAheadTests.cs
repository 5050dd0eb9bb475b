using System.Collections.Immutable;
using Muniment.Delivery.Machine;
using Muniment.Delivery.Running;
using Muniment.Delivery.Storage;
using Muniment.Delivery.Tests.Fakes;
using Muniment.Events;

namespace Muniment.Delivery.Tests.Running;

/// <summary>Under strict the next plan is written down while a request is under way, and goes out while it is being stored what became of the one before.</summary>
public sealed class PlanAheadTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task A_plan_that_was_written_down_goes_out_while_the_receipt_before_it_is_being_stored()
    {
        await using FakeHec hec = await FakeHec.StartAsync();
        GatedStore store = new();
        TaskCompletionSource second = new(TaskCreationOptions.RunContinuationsAsynchronously);
        hec.Then(async (_, _) =>
        {
            await store.TwoPlans.Task.WaitAsync(Limit); // the first is under way until the second is written down
            return false;
        });
        hec.Then((_, _) =>
        {
            second.SetResult();
            return Task.FromResult(false);
        });
        store.BeforeFirstReceipt = () => second.Task.WaitAsync(Limit); // who waits for this store before he sends never goes on
        FakeSource source = new() { BlockSize = 100 };
        source.Add(40);
        await using DestinationRunner runner = await Fixtures.OpenAsync(
            Fixtures.Services(source, store, Path.GetTempPath()),
            $$$"""{"id":"d","kind":"splunk_hec","endpoint":"{{{hec.Address}}}","credential":{"token":"t"},"batch":{"max_events":10}}""");

        await runner.UntilAsync(s => s.Position == 40);
        Assert.Empty(hec.Wrong);
        Assert.Equal(Enumerable.Range(0, 40).Select(i => (long)i), hec.Snapshot().Select(e => e.GetProperty("event").GetProperty("seq").GetInt64()));
        Assert.True(second.Task.IsCompletedSuccessfully);
        Assert.Equal(4, (await store.ReadReceiptsAsync(Fixtures.Tenant, "d", 0, 100, default)).Length);
    }

    private sealed class GatedStore : IDestinationStore
    {
        private readonly MemoryDestinationStore _inner = new();

        public TaskCompletionSource TwoPlans { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Func<Task>? BeforeFirstReceipt { get; set; }

        public async Task<bool> SaveAsync(DestinationRow row, Changes changes, bool configChanged, CancellationToken cancellationToken)
        {
            if (changes.Receipts.Count > 0 && BeforeFirstReceipt is { } wait)
            {
                BeforeFirstReceipt = null;
                await wait();
            }

            bool saved = await _inner.SaveAsync(row, changes, configChanged, cancellationToken);
            if (DestinationState.Read(row.State.Span).Plans.Count == 2)
            {
                TwoPlans.TrySetResult();
            }

            return saved;
        }

        public Task<bool> CreateAsync(DestinationRow row, CancellationToken cancellationToken) => _inner.CreateAsync(row, cancellationToken);

        public Task<DestinationRow?> AcquireAsync(TenantId tenant, string id, CancellationToken cancellationToken) => _inner.AcquireAsync(tenant, id, cancellationToken);

        public Task<bool> DeleteAsync(TenantId tenant, string id, long fence, CancellationToken cancellationToken) => _inner.DeleteAsync(tenant, id, fence, cancellationToken);

        public Task<DestinationRow?> FindAsync(TenantId tenant, string id, CancellationToken cancellationToken) => _inner.FindAsync(tenant, id, cancellationToken);

        public Task<ImmutableArray<DestinationRow>> ListAsync(TenantId? tenant, CancellationToken cancellationToken) => _inner.ListAsync(tenant, cancellationToken);

        public Task<ImmutableArray<Receipt>> ReadReceiptsAsync(TenantId tenant, string id, long from, int limit, CancellationToken cancellationToken) =>
            _inner.ReadReceiptsAsync(tenant, id, from, limit, cancellationToken);

        public Task<ImmutableArray<DeadLetter>> ReadDeadLettersAsync(TenantId tenant, string id, long from, int limit, CancellationToken cancellationToken) =>
            _inner.ReadDeadLettersAsync(tenant, id, from, limit, cancellationToken);
    }
}
