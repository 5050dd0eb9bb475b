using System.Net;
using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Muniment.Cluster.Tests.Platform;
using Muniment.Delivery.Batches;
using Muniment.Delivery.Configuration;
using Muniment.Delivery.Kinds;
using Muniment.Events;
using Muniment.Events.Canonical;
using Muniment.Events.Formats;
using Muniment.Grains.Destinations;

namespace Muniment.Cluster.Tests.Destinations;

/// <summary>The option <c>redact</c> with the platform's real detectors: nothing that was found leaves in any format, and receipts say how much it was.</summary>
public sealed class RedactedDeliveryTests(DestinationCluster fixture) : IClassFixture<DestinationCluster>
{
    private const string Mail = "j.doe@acme.com";
    private static readonly TenantId Tenant = TenantId.Parse("acme");
    private static readonly byte[] Envelope = EnvelopeCodec.Write(new Envelope { Stream = "activity", Receiver = "events" });
    private readonly string _id = "r" + Guid.NewGuid().ToString("N")[..10];

    public static TheoryData<string> Formats => [.. EventFormats.Json, .. EventFormats.Text, "otlp"];

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task Nothing_found_leaves_in_any_format(string format)
    {
        string kind = format == "otlp" ? """ "kind":"otlp_http","endpoint":"http://127.0.0.1:1" """ : format is "cef" or "leef"
            ? $$""" "kind":"syslog","endpoint":"tcp://127.0.0.1:1","options":{"payload":"{{format}}"} """ : """ "kind":"file","endpoint":"events.ndjson" """;
        DestinationConfig config = Config($$"""{"id":"d",{{kind}},"format":"{{format}}","redact":["email","secrets"]}""");
        using Batch batch = await BuildAsync(config, new FixedLog(20));
        string bytes = Encoding.UTF8.GetString(batch.Bytes.Span);
        Assert.Equal(20, batch.Items.Count);
        Assert.DoesNotContain(Mail, bytes);
        Assert.DoesNotContain("dapi0a1b2c3d", bytes);
        Assert.Contains("[EMAIL]", bytes);
        Assert.Equal(20, batch.Redacted!["SECRETS"]);
        Assert.True(batch.Redacted["EMAIL"] >= 60, batch.Redacted["EMAIL"].ToString());
        using Batch open = await BuildAsync(config with { Redact = [] }, new FixedLog(20));
        Assert.Contains(Mail, Encoding.UTF8.GetString(open.Bytes.Span));
        Assert.Null(open.Redacted);
    }

    [Fact]
    public async Task A_batch_that_is_cut_short_counts_only_what_is_in_it()
    {
        DestinationConfig config = Config("""{"id":"d","kind":"file","endpoint":"e","redact":["email"]}""");
        using Batch one = await BuildAsync(config, new FixedLog(1));
        using Batch short3 = await BuildAsync(config with { Batch = config.Batch with { MaxBytes = (one.Bytes.Length * 3) + 100 } }, new FixedLog(20));
        Assert.InRange(short3.Items.Count, 2, 3);
        Assert.Equal(one.Redacted!["EMAIL"] * short3.Items.Count, short3.Redacted!["EMAIL"]);
    }

    [Fact]
    public async Task Selection_sees_what_came_in_and_the_same_plan_gives_the_same_bytes()
    {
        DestinationConfig config = Config("""{"id":"d","kind":"file","endpoint":"e","redact":["email"],"where":{"actor.id":"j.doe@acme.com"}}""");
        using Batch first = await BuildAsync(config, new FixedLog(5));
        using Batch second = await BuildAsync(config, new FixedLog(5));
        Assert.Equal(5, first.Items.Count);
        Assert.True(first.Digest.Span.SequenceEqual(second.Digest.Span));
    }

    [Fact]
    public async Task Over_HTTP_names_are_checked_the_epoch_changes_and_receipts_count()
    {
        string tenant = "t" + _id;
        FixedLog log = new(30);
        fixture.SourceOf = t => t.Value == tenant ? log : null;
        using HttpResponseMessage wrong = await SendAsync(HttpMethod.Post, "destinations", tenant, Body("[\"email\",\"e-mail\"]"));
        string problem = await wrong.Content.ReadAsStringAsync();
        Assert.Equal((HttpStatusCode.BadRequest, "redact"), (wrong.StatusCode, JsonSerializer.Deserialize<JsonElement>(problem).GetProperty("field").GetString()));
        Assert.Contains("credit_card", problem);
        using HttpResponseMessage made = await SendAsync(HttpMethod.Post, "destinations", tenant, Body("[\"email\",\"iban\"]"));
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        await DeliveredAsync(tenant);
        JsonElement shown = await GetAsync(tenant, $"destinations/{_id}");
        Assert.Equal(["email", "iban"], shown.GetProperty("redact").EnumerateArray().Select(n => n.GetString()));
        JsonElement receipt = (await GetAsync(tenant, $"destinations/{_id}/receipts")).GetProperty("items").EnumerateArray().First(r => r.GetProperty("events").GetInt64() > 0);
        Assert.Equal(0, receipt.GetProperty("redacted").GetProperty("IBAN").GetInt64());
        Assert.True(receipt.GetProperty("redacted").GetProperty("EMAIL").GetInt64() >= 30);
        using HttpResponseMessage changed = await SendAsync(HttpMethod.Put, $"destinations/{_id}", tenant, Body("[\"email\"]"));
        Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
        log.Add(5);
        await DeliveredAsync(tenant);
        string[] lines = await File.ReadAllLinesAsync(fixture.ExportOf(tenant, _id));
        Assert.Equal(35, lines.Length);
        Assert.All(lines, l => Assert.DoesNotContain(Mail, l));
        long[] epochs = [.. lines.Select(l => JsonSerializer.Deserialize<JsonElement>(l).GetProperty("muniment").GetProperty("epoch").GetInt64())];
        Assert.True(epochs[^1] > epochs[0]);
        Assert.Equal(0, JsonSerializer.Deserialize<JsonElement>(lines[30]).GetProperty("muniment").GetProperty("n").GetInt64());

        string Body(string redact) => $$"""{"id":"{{_id}}","kind":"file","endpoint":"events.ndjson","start":"beginning","redact":{{redact}}}""";
    }

    private static DestinationConfig Config(string json)
    {
        ConfigReader reader = new(KindRegistry.Default, new PolicyPredicates()) { Redactions = new PolicyRedactions() };
        ConfigError? error = reader.Read(Encoding.UTF8.GetBytes(json), SecretBag.Empty, null, out DestinationConfig? config, out _);
        Assert.True(error is null, $"{error?.Field}: {error?.Expected}");
        return config!;
    }

    private static Task<Batch> BuildAsync(DestinationConfig config, IEventSource source) =>
        new BatchBuilder("log/acme", "acme", source, () => new CanonicalProjection(Tenant), new PolicyPredicates(), KindRegistry.Default) { Redactions = new PolicyRedactions() }
            .BuildAsync(new BatchRequest { Selection = config, Shape = config, From = 0, To = 1000, FirstN = 0, Epoch = 0 }, default);

    private async Task<JsonElement> GetAsync(string tenant, string path)
    {
        using HttpResponseMessage answer = await SendAsync(HttpMethod.Get, path, tenant, null);
        answer.EnsureSuccessStatusCode();
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    private Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string tenant, string? json)
    {
        HttpRequestMessage request = new(method, path) { Content = json is null ? null : new StringContent(json, Encoding.UTF8, "application/json") };
        request.Headers.Add("x-test-tenant", tenant);
        return fixture.Http.SendAsync(request);
    }

    private async Task DeliveredAsync(string tenant)
    {
        using CancellationTokenSource limit = new(PlatformCluster.Patience);
        while ((await GetAsync(tenant, $"destinations/{_id}/status")).GetProperty("lag").GetProperty("events").GetInt64() > 0)
        {
            await Task.Delay(10, limit.Token);
        }
    }

    private sealed class FixedLog(int count) : IEventSource
    {
        private int _count = count;

        public void Add(int more) => Interlocked.Add(ref _count, more);

        public ValueTask<long> SizeAsync(CancellationToken cancellationToken) => ValueTask.FromResult((long)Volatile.Read(ref _count));

        public async IAsyncEnumerable<SourceBlock> ReadAsync(long from, long to, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await ValueTask.CompletedTask;
            yield return new SourceBlock([.. Enumerable.Range((int)from, (int)(Math.Min(to, Volatile.Read(ref _count)) - from)).Select(Event)], default);
        }

        private static StoredEvent Event(int seq) => new(seq, 1_767_225_600_000_000_000, EntryKind.Event, Envelope, default, default, JsonSerializer.SerializeToUtf8Bytes(new
        {
            actor = new { id = Mail, type = "user" }, action = "tool.call", result = "allowed", target = "mail to " + Mail, reason = "key dapi" + "0a1b2c3d4e5f60718293a4b5c6d7e8f9",
            tool = new { name = "bash", command = "echo " + Mail }, details = new { prompt = "write to " + Mail },
        }));
    }
}
