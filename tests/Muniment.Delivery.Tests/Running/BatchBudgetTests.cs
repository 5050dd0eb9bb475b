using Muniment.Delivery.Batches;
using Muniment.Delivery.Configuration;
using Muniment.Delivery.Kinds;
using Muniment.Delivery.Machine;
using Muniment.Delivery.Tests.Fakes;

namespace Muniment.Delivery.Tests.Running;

/// <summary>Batches are counted while they live; what finds no room is built in the first size.</summary>
public sealed class BatchBudgetTests
{
    private const int Grown = 4_000_000;
    private readonly FakeSource _source = new();
    private readonly DestinationConfig _config = Fixtures.Hec();

    public BatchBudgetTests()
    {
        string text = new('x', 4000);
        for (int i = 0; i < 1500; i++)
        {
            _source.Add(extra: $",\"note\":\"{text}\"");
        }
    }

    [Fact]
    public async Task Batches_grow_only_while_there_is_room_and_give_it_back()
    {
        BatchBudget budget = new(15_000_000);
        BatchBuilder builder = Builder(budget);
        Batch first = await builder.BuildAsync(Request(Grown), default);
        Batch second = await builder.BuildAsync(Request(Grown), default);
        Assert.All((Batch[])[first, second], batch => Assert.InRange(batch.Bytes.Length, 3_900_000, Grown));
        Assert.InRange(budget.HeldBytes, first.Bytes.Length + second.Bytes.Length, 15_000_000);
        Assert.Equal(0, budget.Denied);

        Batch third = await builder.BuildAsync(Request(Grown), default);
        Assert.InRange(third.Bytes.Length, 900_000, _config.Batch.FirstBytes);
        Assert.Equal(1, budget.Denied);
        Batch again = await builder.BuildAsync(Request(Grown) with { To = 950, Exact = true }, default); // a plan is what it is
        Assert.True(again.Bytes.Length > 3_900_000);
        Assert.True(budget.HeldBytes > 15_000_000); // counted all the same
        again.Dispose();

        first.Dispose();
        first.Dispose();
        Batch fourth = await builder.BuildAsync(Request(Grown), default);
        Assert.InRange(fourth.Bytes.Length, 3_900_000, Grown);
        long held = budget.HeldBytes;
        fourth.Rent(0, 0, 1, 500_000);
        Assert.True(budget.HeldBytes >= held + 500_000);
        foreach (Batch batch in (Batch[])[second, third, fourth])
        {
            batch.Dispose();
        }

        Assert.Equal(0, budget.HeldBytes);
    }

    [Fact]
    public async Task What_is_not_built_gives_its_room_back()
    {
        BatchBudget budget = new();
        BatchBuilder builder = new("log/acme", Fixtures.Tenant.Value, _source, () => throw new InvalidDataException("unreadable"), new Fixtures.FieldEquals(), KindRegistry.Default) { Budget = budget };
        await Assert.ThrowsAsync<InvalidDataException>(() => builder.BuildAsync(Request(Grown), default));
        Assert.Equal(0, budget.HeldBytes);
    }

    [Fact]
    public void Those_who_ask_together_do_not_get_more_than_there_is()
    {
        BatchBudget budget = new(1000);
        int taken = 0;
        Parallel.For(0, 10_000, _ =>
        {
            if (budget.TryTake(30))
            {
                Interlocked.Increment(ref taken);
            }
        });
        Assert.Equal((33, 990L, 10_000L - 33), (taken, budget.HeldBytes, budget.Denied));
    }

    [Fact]
    public async Task A_full_batch_shows_how_many_entries_fill_a_request()
    {
        FillEstimate fill = new();
        Assert.Equal(4000, fill.Entries(1_000_000, 4000)); // not known
        BatchBuilder builder = Builder(new BatchBudget());
        using Batch full = await builder.BuildAsync(Request(1_000_000), default);
        fill.Built(full);
        Assert.InRange(fill.Entries(1_000_000, 4000), full.Items.Count, full.Items.Count + 5);
        Assert.InRange(fill.Entries(2_000_000, 4000), 2 * full.Items.Count, (2 * full.Items.Count) + 10);
        Assert.Equal(100, fill.Entries(1_000_000, 100));

        using Batch small = await builder.BuildAsync(Request(1_000_000) with { From = 1490, To = 1500 }, default);
        fill.Built(small);
        Assert.Equal(4000, fill.Entries(1_000_000, 4000));
    }

    private BatchBuilder Builder(BatchBudget budget) =>
        new("log/acme", Fixtures.Tenant.Value, _source, () => new CanonicalProjection(Fixtures.Tenant, new Fixtures.FakeMapper()), new Fixtures.FieldEquals(), KindRegistry.Default) { Budget = budget };

    private BatchRequest Request(int maxBytes) => new() { Selection = _config, Shape = _config, From = 0, To = _source.Size, FirstN = 0, Epoch = 0, MaxBytes = maxBytes };
}
