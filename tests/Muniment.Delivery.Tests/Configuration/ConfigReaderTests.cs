using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Muniment.Delivery.Configuration;
using Muniment.Delivery.Kinds;
using Muniment.Delivery.Tests.Fakes;
using Muniment.Events.Keys;

namespace Muniment.Delivery.Tests.Configuration;

public sealed class ConfigReaderTests
{
    private const string Good = """ "id":"d","kind":"splunk_hec","endpoint":"https://siem.example:8088","credential":{"token":"secret-token"} """;

    [Fact]
    public void Rates_are_shown_only_where_they_were_given()
    {
        DestinationConfig with = Fixtures.Config("{" + Good + ""","batch":{"max_events_per_s":500,"max_bytes_per_s":200000}}""", out SecretBag secrets);
        JsonElement batch = JsonSerializer.Deserialize<JsonElement>(ConfigWriter.Write(with, secrets)).GetProperty("batch");
        Assert.Equal((500, 200_000), (batch.GetProperty("max_events_per_s").GetInt32(), batch.GetProperty("max_bytes_per_s").GetInt32()));
        batch = JsonSerializer.Deserialize<JsonElement>(ConfigWriter.Write(Fixtures.Config("{" + Good + "}", out secrets), secrets)).GetProperty("batch");
        Assert.False(batch.TryGetProperty("max_events_per_s", out _));
    }

    public static TheoryData<string, string> Bad => new()
    {
        { "[]", "body" },
        { "{", "body" },
        { """{"id":"d","id":"e","kind":"splunk_hec"}""", "body" },
        { """{"id":"d"}""", "kind" },
        { """{"id":"d","kind":"carrier_pigeon","endpoint":"https://x"}""", "kind" },
        { """{"id":"../x","kind":"file","endpoint":"a"}""", "id" },
        { """{"id":"UPPER","kind":"file","endpoint":"a"}""", "id" },
        { """{"id":"d","kind":"splunk_hec","credential":{"token":"t"}}""", "endpoint" },
        { """{"id":"d","kind":"splunk_hec","endpoint":"ftp://x","credential":{"token":"t"}}""", "endpoint" },
        { """{"id":"d","kind":"splunk_hec","endpoint":"https://good@127.0.0.1","credential":{"token":"t"}}""", "endpoint" },
        { """{"id":"d","kind":"splunk_hec","endpoint":"https://x/?a=b","credential":{"token":"t"}}""", "endpoint" },
        { """{"id":"d","kind":"splunk_hec","endpoint":"//x","credential":{"token":"t"}}""", "endpoint" },
        { """{"id":"d","kind":"file","endpoint":"../../etc/passwd"}""", "endpoint" },
        { """{"id":"d","kind":"file","endpoint":"a/b"}""", "endpoint" },
        { """{"id":"d","kind":"file","endpoint":".hidden"}""", "endpoint" },
        { """{"id":"d","kind":"splunk_hec","endpoint":"https://x"}""", "credential.token" },
        { """{"id":"d","kind":"splunk_hec","endpoint":"https://x","credential":{"token":"***"}}""", "credential.token" },
        { """{"id":"d","kind":"splunk_hec","endpoint":"https://x","credential":{"token":"a\r\nb"}}""", "credential.token" },
        { """{"id":"d","kind":"splunk_hec","endpoint":"https://x","credential":{"token":"t","user":"u"}}""", "credential.user" },
        { """{"id":"d","kind":"otlp_http","endpoint":"https://x","credential":{"headers":{"a b":"c"}}}""", "credential.headers.a b" },
        { """{"id":"d","kind":"otlp_http","endpoint":"https://x","credential":{"headers":{"x":"a\r\nb"}}}""", "credential.headers.x" },
        { """{"id":"d","kind":"otlp_http","endpoint":"https://x","credential":{"headers":{"Host":"a"}}}""", "credential.headers.host" },
        { """{"id":"d","kind":"otlp_http","endpoint":"https://x","options":{"encoding":"xml"}}""", "options.encoding" },
        { "{" + Good + ""","options":{"rotate_bytes":1}}""", "options.rotate_bytes" },
        { "{" + Good + ""","options":{"ack":"yes"}}""", "options.ack" },
        { "{" + Good + ""","options":{"index":"A B"}}""", "options.index" },
        { "{" + Good + ""","batch":{"max_events_per_s":0}}""", "batch.max_events_per_s" },
        { "{" + Good + ""","batch":{"max_bytes_per_s":10}}""", "batch.max_bytes_per_s" },
        { "{" + Good + ""","streams":[]}""", "streams" },
        { "{" + Good + ""","streams":["activity","activity"]}""", "streams" },
        { "{" + Good + ""","streams":["otel_logs"]}""", "streams" },
        { "{" + Good + ""","streams":["analytics"]}""", "streams" },
        { "{" + Good + ""","streams":"activity"}""", "streams" },
        { """{"id":"d","kind":"otlp_http","endpoint":"https://x","streams":["otel_logs","activity"]}""", "streams" },
        { """{"id":"d","kind":"otlp_http","endpoint":"https://x","streams":["otel_logs"],"format":"canonical"}""", "streams" },
        { "{" + Good + ""","batch":{"max_refusals":0}}""", "batch.max_refusals" },
        { "{" + Good + ""","format":"morse"}""", "format" },
        { "{" + Good + ""","format":"otlp"}""", "format" },
        { "{" + Good + ""","where":{"nope":1}}""", "where" },
        { "{" + Good + ""","sample":{"rate":2}}""", "sample.rate" },
        { "{" + Good + ""","sample":{"rate":0.5,"keep":{"nope":1}}}""", "sample.keep" },
        { "{" + Good + ""","sample":{"rate":0.5,"seed":1}}""", "sample.seed" },
        { "{" + Good + ""","redact":["email"]}""", "redact" },
        { "{" + Good + ""","tls":{"ca_pem":"nope"}}""", "tls.ca_pem" },
        { "{" + Good + ""","tls":{"ca":"nope"}}""", "tls.ca" },
        { "{" + Good + ""","batch":{"max_events":0}}""", "batch.max_events" },
        { "{" + Good + ""","batch":{"max_bytes":1}}""", "batch.max_bytes" },
        { "{" + Good + ""","batch":{"max_age_ms":-1}}""", "batch.max_age_ms" },
        { "{" + Good + ""","batch":{"in_flight":99}}""", "batch.in_flight" },
        { "{" + Good + ""","order":"random"}""", "order" },
        { "{" + Good + ""","on_full":"drop"}""", "on_full" },
        { "{" + Good + ""","start":"yesterday"}""", "start" },
        { "{" + Good + ""","start":-1}""", "start" },
        { "{" + Good + ""","enabled":"yes"}""", "enabled" },
        { "{" + Good + ""","colour":"red"}""", "colour" },
        { "{" + Good + ""","format":"\uD800"}""", "body" },
    };

    [Theory]
    [MemberData(nameof(Bad))]
    public void A_bad_configuration_names_the_field(string json, string field)
    {
        ConfigError? error = Fixtures.Reader.Read(Encoding.UTF8.GetBytes(json), SecretBag.Empty, null, out DestinationConfig? config, out _);
        Assert.Null(config);
        Assert.Equal(field, error?.Field);
        Assert.NotEmpty(error!.Expected);
    }

    [Fact]
    public void Every_kind_of_the_contract_is_there_and_another_is_told_which()
    {
        string[] contract =
        [
            "chronicle", "datadog", "elastic", "event_hubs", "file", "kafka_rest", "loki", "newrelic", "otlp_grpc", "otlp_http", "prometheus_rw", "pubsub", "s3", "sentinel", "splunk_hec", "syslog", "webhook",
        ];
        Assert.Equal(contract, KindRegistry.Default.Names.Order(StringComparer.Ordinal));
        ConfigError? error = Fixtures.Reader.Read("""{"id":"d","kind":"carrier_pigeon","endpoint":"https://x"}"""u8.ToArray(), SecretBag.Empty, null, out _, out _);
        Assert.All(contract, k => Assert.Contains(k, error!.Expected, StringComparison.Ordinal));
    }

    [Fact]
    public void What_is_written_is_read_again_and_holds_no_secret()
    {
        const string json = "{" + Good + ""","options":{"index":"main","ack":true},"streams":["decision"],"where":{"result":"denied"},"sample":{"rate":0.25,"keep":{"target":"t1"}},"format":"flat","batch":{"max_events":10,"max_bytes":2000,"max_age_ms":5,"max_refusals":7},"order":"relaxed","on_full":"expire","start":17,"enabled":false}""";
        DestinationConfig config = Fixtures.Config(json, out SecretBag secrets);
        byte[] written = ConfigWriter.Write(config, secrets);
        Assert.DoesNotContain("secret-token", Encoding.UTF8.GetString(written), StringComparison.Ordinal);
        Assert.Null(Fixtures.Reader.Read(written, secrets, "d", out DestinationConfig? again, out SecretBag kept));
        Assert.Equal("secret-token", kept.Find("credential.token"));
        Assert.Equal(Encoding.UTF8.GetString(written), Encoding.UTF8.GetString(ConfigWriter.Write(again!, kept)));
        JsonElement shown = JsonSerializer.Deserialize<JsonElement>(written);
        Assert.Equal("***", shown.GetProperty("credential").GetProperty("token").GetString());
        Assert.Equal(17, shown.GetProperty("start").GetInt64());
        Assert.True(config.SelectsLike(again!));
    }

    [Theory]
    [InlineData("\"***\"")]
    [InlineData("""{"headers":"***"}""")]
    [InlineData("""{"headers":{"authorization":"***","x-scope":"***"}}""")]
    public void Three_stars_keep_a_secret_wherever_they_stand(string credential)
    {
        Fixtures.Config("""{"id":"d","kind":"otlp_http","endpoint":"https://x","credential":{"headers":{"Authorization":"Bearer a","X-Scope":"b"}}}""", out SecretBag before);
        Assert.Null(Fixtures.Reader.Read(Encoding.UTF8.GetBytes($$"""{"id":"d","kind":"otlp_http","endpoint":"https://x","credential":{{credential}}}"""), before, "d", out _, out SecretBag after));
        Assert.Equal("Bearer a", after.Find("credential.headers.authorization"));
        Assert.Equal("b", after.Find("credential.headers.x-scope"));
    }

    [Fact]
    public void Secrets_open_only_in_their_place_and_unaltered()
    {
        TenantKeys keys = Fixtures.Keys.Current(Fixtures.Tenant);
        SecretBag bag = new(ImmutableSortedDictionary<string, string>.Empty.Add("credential.token", "s3cret"));
        byte[] box = bag.Seal(keys, "d");
        Assert.Equal("s3cret", SecretBag.Open(box, id => Fixtures.Keys.Find(Fixtures.Tenant, id), "d")!.Find("credential.token"));
        Assert.True(box.AsSpan().IndexOf("s3cret"u8) < 0);
        Assert.Null(SecretBag.Open(box, id => Fixtures.Keys.Find(Fixtures.Tenant, id), "other"));
        Assert.Null(SecretBag.Open(box, _ => null, "d"));
        for (int i = 0; i < box.Length; i++)
        {
            byte[] altered = [.. box];
            altered[i] ^= 1;
            Assert.Null(SecretBag.Open(altered, id => Fixtures.Keys.Find(Fixtures.Tenant, id), "d"));
            Assert.Null(SecretBag.Open(box.AsSpan(0, Math.Max(1, i)), id => Fixtures.Keys.Find(Fixtures.Tenant, id), "d"));
        }

        Assert.DoesNotContain("s3cret", bag.ToString(), StringComparison.Ordinal);
        Assert.NotEqual(bag.Fingerprint(keys), new SecretBag(ImmutableSortedDictionary<string, string>.Empty.Add("credential.token", "other")).Fingerprint(keys));
    }
}
