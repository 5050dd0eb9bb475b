using System.Net;
using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Muniment.Cluster.Tests.Platform;
using Muniment.Delivery.Batches;
using Muniment.Messages.Administration;
using Muniment.Messages.Destinations;

namespace Muniment.Cluster.Tests.Destinations;

public sealed class DestinationApiTests(DestinationCluster fixture) : IClassFixture<DestinationCluster>
{
    private readonly string _id = "d" + Guid.NewGuid().ToString("N")[..10];

    [Fact]
    public async Task A_destination_is_made_delivers_survives_its_activation_and_is_removed()
    {
        using HttpResponseMessage made = await PostAsync("destinations", $$"""{"id":"{{_id}}","kind":"file","endpoint":"events.ndjson","start":"beginning"}""");
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        Assert.Equal("\"1\"", made.Headers.ETag!.Tag);
        fixture.Log.Add(50);
        IDestinationGrain grain = fixture.Cluster.Client.GetGrain<IDestinationGrain>("acme/" + _id);
        await grain.Wake();
        await UntilAsync(async () => (await StatusAsync()).GetProperty("lag").GetProperty("events").GetInt64() == 0);
        await fixture.Cluster.DeactivateAsync(grain);
        fixture.Log.Add(50);
        await fixture.Cluster.Client.GetGrain<IDestinationDirectoryGrain>("acme").Advanced();
        await UntilAsync(async () => (await StatusAsync()).GetProperty("lag").GetProperty("events").GetInt64() == 0);
        long size = await fixture.Log.SizeAsync(default);
        JsonElement[] lines = [.. (await File.ReadAllLinesAsync(fixture.ExportOf("acme", _id))).Select(l => JsonSerializer.Deserialize<JsonElement>(l))];
        Assert.Equal(Enumerable.Range(0, (int)size).Select(i => (long)i), lines.Select(l => l.GetProperty("muniment").GetProperty("n").GetInt64()));
        JsonElement receipts = await GetAsync($"destinations/{_id}/receipts?limit=1");
        Assert.Equal(0, receipts.GetProperty("items")[0].GetProperty("first").GetInt64());
        Assert.Equal("1", receipts.GetProperty("next").GetString());
        Assert.Equal(receipts.GetProperty("items")[0].GetProperty("last").GetInt64() + 1,
            (await GetAsync($"destinations/{_id}/receipts?cursor=1&limit=1")).GetProperty("items")[0].GetProperty("first").GetInt64());
        Assert.Equal(HttpStatusCode.NoContent, (await fixture.Http.DeleteAsync($"destinations/{_id}")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await fixture.Http.GetAsync($"destinations/{_id}")).StatusCode);
        lock (fixture.Admin)
        {
            Assert.Equal(["destination.create", "destination.delete"], fixture.Admin.Where(a => a.Target == _id).Select(a => a.Action));
        }
    }

    [Fact]
    public async Task Credentials_are_written_kept_and_never_shown()
    {
        await PostAsync("destinations", Hec("secret-one"));
        JsonElement shown = await GetAsync($"destinations/{_id}");
        Assert.Equal("***", shown.GetProperty("credential").GetProperty("token").GetString());
        using HttpResponseMessage put = await PutAsync(Hec("***"), "\"1\"");
        Assert.Equal(HttpStatusCode.OK, put.StatusCode);
        Assert.Equal("\"2\"", put.Headers.ETag!.Tag);
        using HttpResponseMessage stale = await PutAsync(Hec("secret-two"), "\"1\"");
        Assert.Equal(HttpStatusCode.Conflict, stale.StatusCode);
        await PutAsync(Hec("secret-two"), null);
        lock (fixture.Admin)
        {
            var updates = fixture.Admin.Where(a => a.Target == _id && a.Action == "destination.update").ToArray();
            Assert.Equal(2, updates.Length);
            Assert.Equal(updates[0].Before, updates[0].After);
            Assert.NotEqual(updates[1].Before, updates[1].After);
            Assert.All(fixture.Admin, a => Assert.DoesNotContain("secret-", a.Before + a.After, StringComparison.Ordinal));
        }

        Assert.Contains(_id, (await GetAsync("destinations?limit=1000")).GetProperty("items").EnumerateArray().Select(i => i.GetProperty("id").GetString()));
        Assert.DoesNotContain("secret-", (await GetAsync("destinations?limit=1000")).GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wrong_requests_name_the_field()
    {
        await PostAsync("destinations", Hec("t"));
        await Refused(HttpStatusCode.Conflict, null, () => PostAsync("destinations", Hec("t")));
        await Refused(HttpStatusCode.BadRequest, "body", () => PostAsync("destinations", "{"));
        await Refused(HttpStatusCode.BadRequest, "id", () => PostAsync("destinations", """{"id":"../x","kind":"file","endpoint":"a"}"""));
        await Refused(HttpStatusCode.BadRequest, "kind", () => PostAsync("destinations", """{"id":"x1","kind":"carrier_pigeon","endpoint":"a"}"""));
        await Refused(HttpStatusCode.BadRequest, "where", () => PostAsync("destinations", """{"id":"x1","kind":"file","endpoint":"a","where":{"no.such.field|bogus":1}}"""));
        await Refused(HttpStatusCode.BadRequest, "start", () => PostAsync("destinations", """{"id":"x1","kind":"file","endpoint":"a","start":99999999}"""));
        await Refused(HttpStatusCode.BadRequest, "limit", () => fixture.Http.GetAsync("destinations?limit=0"));
        await Refused(HttpStatusCode.BadRequest, "cursor", () => fixture.Http.GetAsync($"destinations/{_id}/receipts?cursor=x"));
        await Refused(HttpStatusCode.BadRequest, "seq", () => PostAsync($"destinations/{_id}/rewind", """{"seq":-1}"""));
        await Refused(HttpStatusCode.BadRequest, "seq", () => PostAsync($"destinations/{_id}/rewind", """{"seq":99999999}"""));
        await Refused(HttpStatusCode.BadRequest, "seqs", () => PostAsync($"destinations/{_id}/dead-letters/replay", """{"seqs":[]}"""));
        await Refused(HttpStatusCode.BadRequest, "seqs", () => PostAsync($"destinations/{_id}/dead-letters/replay", """{"seqs":[5]}"""));
        await Refused(HttpStatusCode.BadRequest, "If-Match", () => PutAsync(Hec("t"), "nonsense"));
        await Refused(HttpStatusCode.BadRequest, "kind", () => PutAsync($$"""{"kind":"file","endpoint":"a"}""", null));
        await Refused(HttpStatusCode.NotFound, null, () => fixture.Http.GetAsync("destinations/nothing/status"));
        using HttpRequestMessage other = new(HttpMethod.Get, $"destinations/{_id}");
        other.Headers.Add("x-test-tenant", "other");
        Assert.Equal(HttpStatusCode.NotFound, (await fixture.Http.SendAsync(other)).StatusCode);
        using HttpResponseMessage all = await PostAsync($"destinations/{_id}/dead-letters/replay", """{"all":true}""");
        Assert.Equal((HttpStatusCode.Accepted, """{"replaying":0}"""), (all.StatusCode, await all.Content.ReadAsStringAsync()));
    }

    [Fact]
    public async Task A_test_says_its_steps_and_is_limited()
    {
        using HttpRequestMessage make = new(HttpMethod.Post, "destinations") { Content = new StringContent($$"""{"id":"{{_id}}","kind":"file","endpoint":"events.ndjson"}""", Encoding.UTF8, "application/json") };
        make.Headers.Add("x-test-tenant", "tester");
        await fixture.Http.SendAsync(make);
        List<HttpStatusCode> codes = [];
        for (int i = 0; i < 11; i++)
        {
            using HttpRequestMessage test = new(HttpMethod.Post, $"destinations/{_id}/test");
            test.Headers.Add("x-test-tenant", "tester");
            using HttpResponseMessage answer = await fixture.Http.SendAsync(test);
            codes.Add(answer.StatusCode);
            if (i == 0)
            {
                JsonElement report = await answer.Content.ReadFromJsonAsync<JsonElement>();
                Assert.True(report.GetProperty("ok").GetBoolean());
                Assert.Equal("search", report.GetProperty("steps")[1].GetProperty("step").GetString());
                Assert.Contains(report.GetProperty("event_id").GetString()!, await File.ReadAllTextAsync(fixture.ExportOf("tester", _id)), StringComparison.Ordinal);
            }
        }

        Assert.Equal([.. Enumerable.Repeat(HttpStatusCode.OK, 10), HttpStatusCode.TooManyRequests], codes);
    }

    [Fact]
    public async Task Pause_and_resume_show_in_the_status()
    {
        await PostAsync("destinations", $$"""{"id":"{{_id}}","kind":"file","endpoint":"events.ndjson"}""");
        await PostAsync($"destinations/{_id}/pause", "");
        fixture.Log.Add(5);
        JsonElement status = await StatusAsync();
        Assert.Equal("paused", status.GetProperty("state").GetString());
        Assert.Equal(7, status.GetProperty("outcomes").EnumerateObject().Count());
        await PostAsync($"destinations/{_id}/resume", "");
        await UntilAsync(async () => (await StatusAsync()).GetProperty("lag").GetProperty("events").GetInt64() == 0);
        Assert.Equal("running", (await StatusAsync()).GetProperty("state").GetString());
    }

    private string Hec(string token) => $$$"""{"id":"{{{_id}}}","kind":"splunk_hec","endpoint":"http://127.0.0.1:1","credential":{"token":"{{{token}}}"}}""";

    private string FileJson() => $$"""{"id":"{{_id}}","kind":"file","endpoint":"events.ndjson","start":"beginning"}""";

    private Task<JsonElement> StatusAsync() => GetAsync($"destinations/{_id}/status");

    private async Task<JsonElement> GetAsync(string path)
    {
        // A call can meet an activation that is just going; it says 503 and is asked again.
        long until = Environment.TickCount64 + (long)PlatformCluster.Patience.TotalMilliseconds;
        while (true)
        {
            using HttpResponseMessage answer = await fixture.Http.GetAsync(path);
            if (answer.StatusCode != HttpStatusCode.ServiceUnavailable || Environment.TickCount64 > until)
            {
                answer.EnsureSuccessStatusCode();
                return await answer.Content.ReadFromJsonAsync<JsonElement>();
            }

            await Task.Delay(5);
        }
    }

    private Task<HttpResponseMessage> PostAsync(string path, string json) => fixture.Http.PostAsync(path, new StringContent(json, Encoding.UTF8, "application/json"));

    [Fact]
    public async Task Commands_are_recorded_with_what_they_changed()
    {
        fixture.Log.Add(10);
        await PostAsync("destinations", FileJson());
        await UntilAsync(async () => (await GetAsync($"destinations/{_id}/status")).GetProperty("lag").GetProperty("events").GetInt64() == 0);
        await PostAsync($"destinations/{_id}/pause", "");
        await PostAsync($"destinations/{_id}/rewind", """{"seq":3}""");
        await PostAsync($"destinations/{_id}/resume", "");
        await PostAsync($"destinations/{_id}/dead-letters/replay", """{"all":true}""");
        (string Action, string Target, string Before, string After)[] acts;
        lock (fixture.Admin)
        {
            acts = [.. fixture.Admin.Where(a => a.Target == _id)];
        }

        Assert.Equal(["destination.create", "destination.pause", "destination.rewind", "destination.resume", "destination.replay"], acts.Select(a => a.Action));
        JsonElement Before(int i) => JsonDocument.Parse(acts[i].Before).RootElement;
        JsonElement After(int i) => JsonDocument.Parse(acts[i].After).RootElement;
        Assert.Equal(("running", "paused"), (Before(1).GetProperty("state").GetString(), After(1).GetProperty("state").GetString()));
        Assert.True(Before(2).GetProperty("position").GetInt64() >= 10);
        Assert.Equal(3, After(2).GetProperty("position").GetInt64());
        Assert.Equal(3, After(2).GetProperty("lanes").EnumerateArray().Last().GetProperty("from").GetInt64());
        Assert.Equal(("paused", "running"), (Before(3).GetProperty("state").GetString(), After(3).GetProperty("state").GetString()));
        Assert.Equal(Before(4).GetProperty("epoch").GetInt64(), After(4).GetProperty("epoch").GetInt64());
    }

    [Fact]
    public async Task A_command_that_the_journal_does_not_take_stands_is_503_and_is_recorded_later_once()
    {
        await PostAsync("destinations", FileJson());
        fixture.Recorder.Fails = target => target == _id;
        try
        {
            await Refused(HttpStatusCode.ServiceUnavailable, null, () => fixture.Http.PostAsync($"destinations/{_id}/pause", null));
            Assert.Equal("paused", (await GetAsync($"destinations/{_id}/status")).GetProperty("state").GetString());
            await Refused(HttpStatusCode.ServiceUnavailable, null, () => fixture.Http.PostAsync($"destinations/{_id}/resume", null));
            Assert.Equal("paused", (await GetAsync($"destinations/{_id}/status")).GetProperty("state").GetString());

            // The activation dies; the next one reads what is to be recorded.
            await fixture.Cluster.DeactivateAsync(fixture.Cluster.Client.GetGrain<IDestinationGrain>("acme/" + _id));
        }
        finally
        {
            fixture.Recorder.Fails = _ => false;
        }

        await GetAsync($"destinations/{_id}/status");
        await UntilAsync(() => Task.FromResult(Actions().Length == 2));
        Assert.Equal(["destination.create", "destination.pause"], Actions());
        await PostAsync($"destinations/{_id}/resume", "");
        Assert.Equal(["destination.create", "destination.pause", "destination.resume"], Actions());
    }

    [Fact]
    public async Task A_removed_destination_is_gone_at_once_and_its_row_when_that_is_recorded()
    {
        await PostAsync("destinations", FileJson());
        fixture.Recorder.Fails = target => target == _id;
        try
        {
            await Refused(HttpStatusCode.ServiceUnavailable, null, () => fixture.Http.DeleteAsync($"destinations/{_id}"));
            Assert.Equal(HttpStatusCode.NotFound, (await fixture.Http.GetAsync($"destinations/{_id}")).StatusCode);
            Assert.DoesNotContain(_id, (await GetAsync("destinations?limit=1000")).GetProperty("items").EnumerateArray().Select(i => i.GetProperty("id").GetString()));
            await Refused(HttpStatusCode.ServiceUnavailable, null, () => fixture.Http.PostAsync("destinations", new StringContent(FileJson())));
        }
        finally
        {
            fixture.Recorder.Fails = _ => false;
        }

        using HttpResponseMessage again = await fixture.Http.DeleteAsync($"destinations/{_id}");
        Assert.True(again.StatusCode is HttpStatusCode.NoContent or HttpStatusCode.NotFound, again.StatusCode.ToString()); // the retry may have been first
        await UntilAsync(() => Task.FromResult(Actions().Length == 2));
        Assert.Equal(["destination.create", "destination.delete"], Actions());
        await PostAsync("destinations", FileJson());
        Assert.Equal("running", (await GetAsync($"destinations/{_id}/status")).GetProperty("state").GetString());
    }

    [Fact]
    public async Task A_change_whose_runner_ended_before_its_record_is_not_answered_as_done()
    {
        FaultySource source = new();
        fixture.SourceOf = tenant => tenant.Value == "faulty" ? source : null;
        IDestinationGrain grain = fixture.Cluster.Client.GetGrain<IDestinationGrain>("faulty/" + _id);
        ActMessage act = new(Guid.NewGuid().ToString(), "faulty", "k1", null, "admin", "destination.create", _id, null, 1_767_225_600_000_000_000, default);
        DestinationAnswer answer = await grain.Create(Encoding.UTF8.GetBytes(FileJson()), act);
        Assert.Equal(DestinationStatusCode.Moving, answer.Code);
        Assert.Empty(Actions());
        source.Healed = true;
        await UntilAsync(async () =>
        {
            await grain.Wake();
            return Actions().Length == 1; // by the next activation
        });
        await UntilAsync(async () => (await grain.GetStatus()).Code is DestinationStatusCode.Done);
    }

    /// <summary>Answers how long it is once, and then fails until healed: the runner ends as soon as it begins.</summary>
    private sealed class FaultySource : IEventSource
    {
        private int _asked;

        public bool Healed { get; set; }

        public ValueTask<long> SizeAsync(CancellationToken cancellationToken) =>
            Healed || Interlocked.Increment(ref _asked) == 1 ? ValueTask.FromResult(0L) : throw new IOException("the log cannot be read");

        public async IAsyncEnumerable<SourceBlock> ReadAsync(long from, long to, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await ValueTask.CompletedTask;
            yield break;
        }
    }

    private string[] Actions()
    {
        lock (fixture.Admin)
        {
            return [.. fixture.Admin.Where(a => a.Target == _id).Select(a => a.Action)];
        }
    }

    private async Task<HttpResponseMessage> PutAsync(string json, string? ifMatch)
    {
        using HttpRequestMessage request = new(HttpMethod.Put, $"destinations/{_id}") { Content = new StringContent(json, Encoding.UTF8, "application/json") };
        if (ifMatch is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        }

        return await fixture.Http.SendAsync(request);
    }

    private static async Task Refused(HttpStatusCode status, string? field, Func<Task<HttpResponseMessage>> ask)
    {
        using HttpResponseMessage answer = await ask();
        string body = await answer.Content.ReadAsStringAsync();
        Assert.True(status == answer.StatusCode, $"{answer.StatusCode}: {body}");
        if (field is not null)
        {
            Assert.Equal(field, JsonSerializer.Deserialize<JsonElement>(body).GetProperty("field").GetString());
        }
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using CancellationTokenSource limit = new(PlatformCluster.Patience);
        while (!await condition())
        {
            await Task.Delay(10, limit.Token);
        }
    }
}
