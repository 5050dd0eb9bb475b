using System.Collections.Concurrent;
using System.Text.Json;
using Muniment.Delivery.Machine;
using Muniment.Delivery.Outcomes;
using Muniment.Delivery.Running;
using Muniment.Delivery.Storage;
using Muniment.Delivery.Tests.Fakes;

namespace Muniment.Delivery.Tests.Running;

/// <summary><c>on_full</c> on the runner: by age, and when the log is to be shortened; running, dead and paused.</summary>
public sealed class ExpiryRunTests : IAsyncLifetime
{
    private readonly FakeSource _source = new();
    private readonly MemoryDestinationStore _store = new();
    private readonly ConcurrentQueue<DeliveryNotice> _notices = [];
    private readonly ConcurrentQueue<DeliveryNotice> _holds = [];
    private int _refusals;
    private FakeHec _hec = null!;
    private DeliveryServices _services = null!;
    private DestinationRunner? _runner;

    public async Task InitializeAsync()
    {
        _hec = await FakeHec.StartAsync();
        _services = Fixtures.Services(_source, _store, Path.GetTempPath()) with
        {
            Random = () => 0,
            Report = (notice, _) =>
            {
                if (_refusals-- > 0)
                {
                    throw new TimeoutException("the journal is busy");
                }

                (notice.Hold is null ? _notices : _holds).Enqueue(notice);
                return Task.FromResult(true);
            },
        };
    }

    public async Task DisposeAsync()
    {
        if (_runner is not null)
        {
            await _runner.DisposeAsync();
        }

        await _hec.DisposeAsync();
    }

    [Fact]
    public async Task What_is_too_old_is_left_out_told_and_the_rest_is_delivered()
    {
        _services = _services with { MaxBacklogAge = TimeSpan.FromDays(1) };
        Fill(old: 25, young: 10);
        await StartAsync("expire");
        DestinationStatus status = await _runner!.UntilAsync(s => s.Position == 35 && !_notices.IsEmpty);
        Assert.Equal((10, 25), (_hec.Snapshot().Length, status.Expired));
        DeliveryNotice notice = Assert.Single(_notices);
        Assert.Equal(("d", 25, 25, 25), (notice.Destination, notice.Events, notice.Total, notice.Before));
        long retention = 0;
        foreach (Receipt receipt in await _store.ReadReceiptsAsync(Fixtures.Tenant, "d", 0, 100, default))
        {
            retention += JsonSerializer.Deserialize<JsonElement>(receipt.Json.Span).GetProperty("left_out").GetProperty("retention").GetInt64();
        }

        Assert.Equal(25, retention);
    }

    [Theory]
    [InlineData(1, 40, 0, 1)] // nothing can be seen behind the old one: what is there may come to light
    [InlineData(11, 39, 11, 40)] // young ones, a gap, another young one
    public async Task What_cannot_be_seen_makes_nothing_old(int gapFrom, int gapTo, int delivered, long position)
    {
        _services = _services with { MaxBacklogAge = TimeSpan.FromDays(1) };
        Fill(old: 1, young: 39);
        for (int seq = gapFrom; seq < gapTo; seq++)
        {
            _source.Purge(seq);
        }

        await StartAsync("expire");
        await _runner!.UntilAsync(s => s.Position == position && !_notices.IsEmpty);
        Assert.Equal((delivered, 1), (_hec.Snapshot().Length, _notices.First().Before));
    }

    [Fact]
    public async Task Hold_keeps_what_is_old_and_needs_it()
    {
        _services = _services with { MaxBacklogAge = TimeSpan.FromDays(1) };
        Fill(old: 25, young: 10);
        _hec.Token = "another";
        await StartAsync("hold");
        await _runner!.UntilAsync(s => s.State == DeliveryCondition.Paused);
        Assert.Equal(0, await _runner!.ReleaseAsync(20, default));
        Assert.Empty(_notices);
        _hec.Token = "t";
        await _runner!.ResumeAsync(default);
        await _runner!.UntilAsync(s => s.Position == 35);
        Assert.Equal(35, _hec.Snapshot().Length);
        Assert.Equal(20, await _runner!.ReleaseAsync(20, default));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_destination_that_stands_lets_go_when_the_log_is_shortened(bool paused)
    {
        Fill(old: 0, young: 40);
        _hec.Token = "another";
        await StartAsync("expire", ",\"batch\":{\"max_events\":10}");
        await _runner!.UntilAsync(s => s.State == DeliveryCondition.Paused);
        if (paused)
        {
            await _runner!.PauseAsync(default);
        }

        using CancellationTokenSource limit = new(Fixtures.Patience);
        while (await _runner!.ReleaseAsync(30, limit.Token) < 30)
        {
            await Task.Delay(5, limit.Token);
        }

        DestinationStatus status = await _runner!.UntilAsync(s => s.Expired == 30 && !_notices.IsEmpty);
        Assert.Equal((30, 30), (status.Position, _notices.Sum(n => n.Events)));
        _hec.Token = "t";
        await _runner!.ResumeAsync(default);
        await _runner!.UntilAsync(s => s.Position == 40);
        Assert.Equal(Enumerable.Range(30, 10).Select(i => $"e{i}"), _hec.Snapshot().Select(e => e.GetProperty("event").GetProperty("id").GetString()));
    }

    [Fact]
    public async Task A_notice_that_was_not_written_is_told_by_the_next_activation()
    {
        _services = _services with { MaxBacklogAge = TimeSpan.FromDays(1) };
        _refusals = 1;
        Fill(old: 5, young: 1);
        await StartAsync("expire");
        await _runner!.UntilAsync(s => s.Position == 6 && _refusals <= 0);
        Assert.Empty(_notices);
        await _runner!.DisposeAsync();
        _runner = await DestinationRunner.OpenAsync(_services, Fixtures.Tenant, "d", default);
        await _runner!.UntilAsync(_ => !_notices.IsEmpty);
        Assert.Equal((5, 5), (_notices.Single().Events, _notices.Single().Total));
    }

    [Fact]
    public async Task A_hold_and_its_end_are_told_once_each_also_over_a_restart()
    {
        Fill(old: 0, young: 3);
        _hec.Token = "another";
        await StartAsync("hold");
        await _runner!.UntilAsync(_ => !_holds.IsEmpty);
        await _runner!.ResumeAsync(default); // refused again: the same hold goes on, as far as the log is concerned
        await _runner!.UntilAsync(s => s.Outcomes[(int)OutcomeKind.CredentialRejected] == 2);
        await _runner!.DisposeAsync();
        _runner = await DestinationRunner.OpenAsync(_services, Fixtures.Tenant, "d", default);
        _hec.Token = "t";
        await _runner!.ResumeAsync(default);
        await _runner!.UntilAsync(_ => _holds.Count >= 2);
        DeliveryNotice[] told = [.. _holds];
        Assert.Equal(2, told.Length);
        Assert.Equal("credential_rejected", told[0].Hold!.Reason!.Code);
        Assert.Null(told[1].Hold!.Reason);
        Assert.Equal(told[0].Hold!.Since, told[1].Hold!.Since);
        Assert.Equal(3, (await _runner!.UntilAsync(s => s.Position == 3)).Delivered);
    }

    [Fact]
    public async Task Too_large_alone_is_cut_where_that_was_chosen()
    {
        Fill(old: 0, young: 4);
        _source.Add(extra: $",\"reason\":\"{new string('x', 20_000)}\"");
        Fill(old: 0, young: 4);
        _hec.MaxBytes = 8000;
        await StartAsync("hold", ",\"batch\":{\"oversize\":\"cut\"}");
        DestinationStatus status = await _runner!.UntilAsync(s => s.Position == 9);
        Assert.Equal((9, 0), (_hec.Snapshot().Length, status.DeadLetters));
        Assert.Equal(Enumerable.Range(0, 9), _hec.Snapshot().Select(e => (int)e.GetProperty("fields").GetProperty("muniment.n").GetInt64()));
        Assert.True(_hec.Snapshot()[4].GetProperty("event").GetProperty("details").TryGetProperty("oversize", out _));
    }

    private void Fill(int old, int young)
    {
        long nowNs = (TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;
        for (int i = 0; i < old + young; i++)
        {
            _source.Add(receivedNs: i < old ? nowNs - 86_400_000_000_000 * 2 : nowNs);
        }
    }

    private async Task StartAsync(string onFull, string more = "") => _runner = await Fixtures.OpenAsync(_services,
        $$"""{"id":"d","kind":"splunk_hec","endpoint":"{{_hec.Address}}","credential":{"token":"t"},"on_full":"{{onFull}}"{{more}}}""");
}
