using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Muniment.Delivery.Machine;
using Muniment.Delivery.Outcomes;
using Muniment.Delivery.Running;
using Muniment.Delivery.Storage;
using Muniment.Delivery.Tests.Fakes;
using Muniment.Events.Administration;

namespace Muniment.Delivery.Tests.Running;

/// <summary>The runner against a strict collector over a real socket, fault by fault.</summary>
public sealed class HecDeliveryTests : IAsyncLifetime
{
    private readonly FakeSource _source = new() { BlockSize = 100 };
    private readonly MemoryDestinationStore _store = new();
    private FakeHec _hec = null!;
    private DeliveryServices _services = null!;
    private DestinationRunner? _runner;

    public async Task InitializeAsync()
    {
        _hec = await FakeHec.StartAsync();
        _services = Fixtures.Services(_source, _store, Path.GetTempPath()) with { Random = () => 0 }; // shortest waits
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
    public async Task Events_arrive_in_order_with_marks_and_receipts()
    {
        _source.Add(2500);
        await StartAsync();
        DestinationStatus status = await Settled();
        JsonElement[] events = _hec.Snapshot();
        Assert.Empty(_hec.Wrong);
        Assert.Equal(Enumerable.Range(0, 2500).Select(i => (long)i), events.Select(e => e.GetProperty("event").GetProperty("seq").GetInt64()));
        Assert.Equal(Enumerable.Range(0, 2500).Select(i => (long)i), events.Select(e => e.GetProperty("fields").GetProperty("muniment.n").GetInt64()));
        JsonElement first = events[1];
        Assert.Equal("e1", first.GetProperty("fields").GetProperty("event_id").GetString());
        Assert.Equal("log/acme", first.GetProperty("fields").GetProperty("muniment.origin").GetString());
        Assert.Equal("d", first.GetProperty("fields").GetProperty("muniment.destination").GetString());
        Assert.Equal(string.Concat(Enumerable.Repeat("01", 32)), first.GetProperty("fields").GetProperty("muniment.leaf").GetString());
        Assert.Equal("1767225600.001", first.GetProperty("time").GetRawText());
        Assert.Equal("muniment", first.GetProperty("sourcetype").GetString());
        Assert.Equal(2500, status.Delivered);
        Assert.Equal(DeliveryCondition.Running, status.State);
        Receipt[] receipts = [.. await _store.ReadReceiptsAsync(Fixtures.Tenant, "d", 0, 100, default)];
        Assert.Equal(2500, receipts.Sum(r => JsonSerializer.Deserialize<JsonElement>(r.Json.Span).GetProperty("events").GetInt64()));
    }

    [Fact]
    public async Task New_events_follow_after_a_hint()
    {
        await StartAsync();
        await Settled();
        _source.Add(3);
        _runner!.Kick();
        await Settled();
        Assert.Equal(3, _hec.Snapshot().Length);
    }

    public static TheoryData<string, int, string, string, string> Transient => new()
    {
        { "busy", 503, """{"text":"Server is busy","code":9}""", "", "destination_error" },
        { "internal", 500, """{"text":"Internal server error","code":8}""", "", "destination_error" },
        { "storm", 500, "<html>", "", "destination_error" },
        { "seconds", 429, "", "1", "rate_limited" },
        { "bad gateway", 502, "", "", "destination_error" },
        { "timeout", 408, "", "", "destination_error" },
    };

    [Theory]
    [MemberData(nameof(Transient))]
    public async Task A_passing_failure_is_retried_with_the_same_bytes(string name, int status, string body, string retryAfter, string code)
    {
        Assert.NotEmpty(name);
        _source.Add(10);
        string? refused = null;
        _hec.Then(async (context, events) =>
        {
            refused = string.Join("\n", events.Select(e => e.GetRawText()));
            context.Response.StatusCode = status;
            if (retryAfter.Length > 0)
            {
                context.Response.Headers.RetryAfter = retryAfter;
            }

            await context.Response.WriteAsync(body);
            return true;
        });
        long started = Stopwatch.GetTimestamp();
        await StartAsync();
        DestinationStatus settled = await Settled();
        Assert.Equal(refused, string.Join("\n", _hec.Snapshot().Select(e => e.GetRawText())));
        Assert.Equal(1, settled.Outcomes[(int)OutcomeKind.RetryLater]);
        Assert.Null(settled.Reason);
        Assert.True(retryAfter.Length == 0 || Stopwatch.GetElapsedTime(started) >= TimeSpan.FromSeconds(0.95));
        Assert.NotEmpty(code);
    }

    [Fact]
    public async Task Retry_after_as_a_date_is_kept()
    {
        _source.Add(1);
        _hec.Then(429, "", ("Retry-After", DateTimeOffset.UnixEpoch.AddYears(100).ToString("R", CultureInfo.InvariantCulture)));
        DateTimeOffset before = TimeProvider.System.GetUtcNow();
        await StartAsync();
        DestinationStatus status = await _runner!.UntilAsync(s => s.NextAttempt is not null);
        Assert.Equal("rate_limited", status.Reason!.Code);
        Assert.Equal(DeliveryCondition.BackingOff, status.State);
        Assert.InRange(status.NextAttempt!.Value, before + RetryAfter.Longest, TimeProvider.System.GetUtcNow() + RetryAfter.Longest);
        await _runner!.ResumeAsync(default);
        await Settled();
    }

    [Fact]
    public async Task A_reset_after_the_body_is_sent_again()
    {
        _source.Add(5);
        _hec.Then((context, _) =>
        {
            context.Abort();
            return Task.FromResult(true);
        });
        await StartAsync();
        await Settled();
        Assert.Equal(5, _hec.Snapshot().Length);
        Assert.Equal(2, _hec.Requests);
    }

    [Fact]
    public async Task A_rejected_credential_pauses_keeps_everything_and_goes_on_when_it_is_renewed()
    {
        _source.Add(20);
        _hec.Token = "renewed";
        DateTimeOffset before = TimeProvider.System.GetUtcNow();
        await StartAsync();
        DestinationStatus status = await _runner!.UntilAsync(s => s.State == DeliveryCondition.Paused);
        Assert.Equal("credential_rejected", status.Reason!.Code);
        Assert.Equal(0, status.Position);
        Assert.Empty(_hec.Snapshot());
        Assert.InRange(status.NextAttempt!.Value, before + DestinationMachine.ProbeInterval, TimeProvider.System.GetUtcNow() + DestinationMachine.ProbeInterval);
        ConfigureResult result = await _runner!.ConfigureAsync(Encoding.UTF8.GetBytes(Json(credential: """{"token":"renewed"}""")), null, default);
        Assert.Equal(ConfigureStatus.Done, result.Status);
        Assert.DoesNotContain("renewed", result.After.Text(), StringComparison.Ordinal);
        Assert.Contains("credential_fingerprint", result.After.Text(), StringComparison.Ordinal);
        Assert.NotEqual(result.Before.Text(), result.After.Text());
        status = await Settled();
        Assert.Equal(20, _hec.Snapshot().Length);
        Assert.Equal(0, status.DeadLetters);
    }

    [Fact]
    public async Task A_wrong_index_pauses_and_the_same_events_go_out_with_the_same_numbers_once_mended()
    {
        _source.Add(6);
        _hec.Then(400, """{"text":"Incorrect index","code":7,"invalid-event-number":1}""");
        await StartAsync(""","options":{"index":"wrong"}""");
        DestinationStatus status = await _runner!.UntilAsync(s => s.State == DeliveryCondition.Paused);
        Assert.Equal("misconfigured", status.Reason!.Code);
        Assert.Contains("options.index", status.Reason.Hint, StringComparison.Ordinal);
        await _runner!.ConfigureAsync(Encoding.UTF8.GetBytes(Json(""","options":{"index":"right"}""")), null, default);
        await Settled();
        JsonElement[] events = _hec.Snapshot();
        Assert.All(events, e => Assert.Equal("right", e.GetProperty("index").GetString()));
        Assert.Equal([0L, 1, 2, 3, 4, 5], events.Select(e => e.GetProperty("fields").GetProperty("muniment.n").GetInt64()));
        Assert.All(events, e => Assert.Equal(0, e.GetProperty("fields").GetProperty("muniment.epoch").GetInt64()));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Poison_is_isolated_and_can_be_replayed(bool named)
    {
        _source.Add(100);
        _hec.NamesPoison = named;
        _hec.Poison.Add("e37");
        await StartAsync();
        DestinationStatus status = await Settled();
        Assert.Equal(1, status.DeadLetters);
        Assert.Equal(99, _hec.Snapshot().Length);
        Assert.True(status.Outcomes[(int)OutcomeKind.BadRecord] > 0);
        DeadLetter letter = Assert.Single(await _store.ReadDeadLettersAsync(Fixtures.Tenant, "d", 0, 10, default));
        Assert.Equal((37L, "e37", 400), (letter.Seq, letter.EventId, letter.Status));
        (int queued, _) = await _runner!.ReplayAsync(null, default);
        Assert.Equal(1, queued);
        await _runner!.UntilAsync(s => s.Outcomes[(int)OutcomeKind.BadRecord] > status.Outcomes[(int)OutcomeKind.BadRecord]);
        Assert.Equal(2, Assert.Single(await _store.ReadDeadLettersAsync(Fixtures.Tenant, "d", 0, 10, default)).Attempts);
        _hec.Poison.Clear();
        Assert.Equal(99, Assert.Single((await _runner!.ReplayAsync([99], default)).Unknown));
        await _runner!.ReplayAsync([37], default);
        await _runner!.UntilAsync(s => s.DeadLetters == 0);
        Assert.Empty(await _store.ReadDeadLettersAsync(Fixtures.Tenant, "d", 0, 10, default));
        Assert.Equal(37, _hec.Snapshot()[^1].GetProperty("fields").GetProperty("muniment.n").GetInt64());
    }

    [Fact]
    public async Task Too_large_is_halved_and_one_that_is_too_large_alone_becomes_a_dead_letter()
    {
        _source.Add(40);
        _source.Add(extra: $",\"reason\":\"{new string('x', 20_000)}\"");
        _source.Add(40);
        _hec.MaxBytes = 8_000;
        await StartAsync();
        DestinationStatus status = await Settled();
        Assert.Equal(80, _hec.Snapshot().Length);
        Assert.Equal(40, Assert.Single(await _store.ReadDeadLettersAsync(Fixtures.Tenant, "d", 0, 10, default)).Seq);
        Assert.Equal(_hec.Snapshot().Select(e => e.GetProperty("event").GetProperty("seq").GetInt64()).Order(), _hec.Snapshot().Select(e => e.GetProperty("event").GetProperty("seq").GetInt64()));
        Assert.True(status.Outcomes[(int)OutcomeKind.TooLarge] > 2);
    }

    [Theory]
    [InlineData(301, "", "misconfigured")]
    [InlineData(307, "", "misconfigured")]
    [InlineData(404, "", "misconfigured")]
    [InlineData(200, "<html>log in</html>", "transport_mismatch")]
    [InlineData(200, "ok", "transport_mismatch")]
    [InlineData(200, "", "transport_mismatch")]
    [InlineData(202, "{\"status\":\"queued\"}", "transport_mismatch")]
    [InlineData(403, """{"text":"Token disabled","code":1}""", "credential_rejected")]
    [InlineData(401, "", "credential_rejected")]
    [InlineData(400, """{"text":"ACK is disabled","code":14}""", "misconfigured")]
    public async Task What_an_administrator_must_mend_pauses(int status, string body, string code)
    {
        _source.Add(1);
        _hec.Then(status, body, ("Location", "http://169.254.169.254/"));
        await StartAsync();
        DestinationStatus seen = await _runner!.UntilAsync(s => s.State == DeliveryCondition.Paused);
        Assert.Equal(code, seen.Reason!.Code);
        Assert.Equal(1, _hec.Requests);
        await _runner!.ResumeAsync(default);
        await Settled();
    }

    [Fact]
    public async Task A_huge_answer_does_not_hurt()
    {
        _source.Add(1);
        _hec.Then(async (context, _) =>
        {
            context.Response.StatusCode = 503;
            byte[] chunk = new byte[1 << 20];
            for (int i = 0; i < 64; i++)
            {
                await context.Response.Body.WriteAsync(chunk);
            }

            return true;
        });
        await StartAsync();
        await Settled();
        Assert.Single(_hec.Snapshot());
    }

    [Fact]
    public async Task Indexer_acknowledgement_is_waited_for()
    {
        _source.Add(4);
        _hec.Ack = true;
        _hec.PollsBeforeAck = 1;
        await StartAsync(""","options":{"ack":true}""");
        await Settled();
        JsonElement receipt = JsonSerializer.Deserialize<JsonElement>((await _store.ReadReceiptsAsync(Fixtures.Tenant, "d", 0, 10, default))[0].Json.Span);
        Assert.Equal("ackId 0 indexed", receipt.GetProperty("response").GetString());
        Assert.True(_hec.PollsBeforeAck < 0);
    }

    [Fact]
    public async Task Nobody_there_backs_off_and_goes_on_when_somebody_comes()
    {
        _source.Add(2);
        await StartAsync(endpoint: "http://127.0.0.1:1");
        DestinationStatus status = await _runner!.UntilAsync(s => s.Outcomes[(int)OutcomeKind.RetryLater] >= 6);
        Assert.Equal("unreachable", status.Reason!.Code);
        Assert.True(status.CircuitOpen);
        await _runner!.ConfigureAsync(Encoding.UTF8.GetBytes(Json()), null, default);
        await Settled();
        Assert.Equal(2, _hec.Snapshot().Length);
    }

    [Fact]
    public async Task A_forbidden_address_says_so_and_nothing_else()
    {
        _source.Add(2);
        await StartAsync(endpoint: "http://169.254.169.254");
        DestinationStatus status = await _runner!.UntilAsync(s => s.State == DeliveryCondition.Paused);
        Assert.Equal("egress_refused", status.Reason!.Code);
        Assert.Equal(Egress.EgressException.RefusedText, status.Reason.Message);
    }

    [Fact]
    public async Task A_second_activation_takes_over_and_the_first_moves_nothing()
    {
        await StartAsync();
        await Settled();
        await using DestinationRunner second = (await DestinationRunner.OpenAsync(_services, Fixtures.Tenant, "d", default))!;
        _source.Add(50);
        second.Kick();
        _runner!.Kick();
        Assert.Equal(RunnerEndKind.Fenced, (await _runner.Completion.WaitAsync(Fixtures.Patience)).Kind);
        await second.UntilAsync(s => s.Position == 50);
        Assert.Equal(50, _hec.Snapshot().Select(e => e.GetProperty("event").GetProperty("seq").GetInt64()).Distinct().Count());
        await Assert.ThrowsAsync<RunnerEndedException>(() => _runner.PauseAsync(default));
    }

    [Fact]
    public async Task A_removal_names_the_version_it_saw_and_is_noted_once()
    {
        await StartAsync();
        AdminAct act = new("a1", Fixtures.Tenant, "k1", null, "admin", "destination.delete", "d", null, 0, default);
        Assert.Equal(1, await _runner!.DeleteAsync(act, 7, default));
        Assert.False(_runner.IsDeleting);
        Assert.Empty(await _runner.GetOutboxAsync(default));
        Assert.Null(await _runner.DeleteAsync(act, 1, default));
        Assert.Null(await _runner.DeleteAsync(act with { Id = "a2" }, 7, default)); // removed already
        Assert.Equal("a1", Assert.Single(await _runner.GetOutboxAsync(default)).Id);
        Assert.True(await _runner.ForgetAsync(["a1"], default));
    }

    [Fact]
    public async Task A_restart_goes_on_from_the_plan_that_was_written_down()
    {
        _source.Add(30);
        _hec.Then(503, "", ("Retry-After", "300")); // so long that the runner ends before the next attempt
        await StartAsync();
        await _runner!.UntilAsync(s => s.NextAttempt is not null);
        await _runner!.DisposeAsync();
        _source.Add(30);
        DestinationState stored = DestinationState.Read((await _store.FindAsync(Fixtures.Tenant, "d", default))!.State.Span);
        Assert.Equal((0L, 29L), (stored.Plans.Single().First, stored.Plans.Single().Last));
        Assert.NotNull(stored.NextAttempt);
        _runner = await DestinationRunner.OpenAsync(_services, Fixtures.Tenant, "d", default);
        await _runner!.ResumeAsync(default);
        await Settled();
        Assert.Equal(60, _hec.Snapshot().Length);
        JsonElement receipt = JsonSerializer.Deserialize<JsonElement>((await _store.ReadReceiptsAsync(Fixtures.Tenant, "d", 0, 10, default))[0].Json.Span);
        Assert.Equal(29, receipt.GetProperty("last").GetInt64());
        Assert.Equal(2, receipt.GetProperty("attempts").GetInt32());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_position_that_moves_before_the_request_loses_what_is_refused(bool mistake)
    {
        _services = _services with { SettleBeforeSend = mistake };
        _source.Add(10);
        _hec.Then(503, "");
        await StartAsync();
        await Settled();
        _source.Add(10);
        _runner!.Kick();
        await Settled();
        if (!mistake)
        {
            Assert.Equal(20, _hec.Snapshot().Length);
            return;
        }

        using CancellationTokenSource limit = new(Fixtures.Patience);
        while (_hec.Snapshot().Length < 10)
        {
            await Task.Delay(5, limit.Token);
        }

        Assert.Equal(10, _hec.Snapshot().Length); // the soak that counts arrivals sees it
    }

    private string Json(string more = "", string credential = """{"token":"t"}""", string? endpoint = null) =>
        $$"""{"id":"d","kind":"splunk_hec","endpoint":"{{endpoint ?? _hec.Address.ToString()}}","credential":{{credential}}{{more}}}""";

    private async Task StartAsync(string more = "", string? endpoint = null) => _runner = await Fixtures.OpenAsync(_services, Json(more, endpoint: endpoint));

    private Task<DestinationStatus> Settled() => _runner!.UntilAsync(s => s.Position == _source.Size);
}
