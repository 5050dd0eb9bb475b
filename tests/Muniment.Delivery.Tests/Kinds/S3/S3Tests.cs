using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Muniment.Delivery.Batches;
using Muniment.Delivery.Configuration;
using Muniment.Delivery.Kinds;
using Muniment.Delivery.Kinds.S3;
using Muniment.Delivery.Outcomes;
using Muniment.Delivery.Running;
using Muniment.Delivery.Storage;
using Muniment.Delivery.Testing;
using Muniment.Delivery.Tests.Fakes;

namespace Muniment.Delivery.Tests.Kinds.S3;

public sealed class S3Tests : IAsyncLifetime
{
    private const string Keys = "<AssumeRoleWithWebIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>AKIDFIRST</AccessKeyId><SecretAccessKey>first-secret</SecretAccessKey><SessionToken>session-1</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>";

    private readonly StrictS3 _server = new();
    private readonly FakeSource _source = new() { BlockSize = 100 };

    public Task InitializeAsync() => _server.StartAsync();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Theory] // docs.aws.amazon.com, Amazon S3 API reference, "Examples: signature calculations"
    [InlineData("GET", "/test.txt", "", "host;range;x-amz-content-sha256;x-amz-date", "range=bytes=0-9", "", "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41")]
    [InlineData("PUT", "/test$file.text", "", "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class", "date=Fri, 24 May 2013 00:00:00 GMT|x-amz-storage-class=REDUCED_REDUNDANCY", "Welcome to Amazon S3.", "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd")]
    [InlineData("GET", "/", "?lifecycle", "host;x-amz-content-sha256;x-amz-date", "", "", "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543")]
    [InlineData("GET", "/", "?max-keys=2&prefix=J", "host;x-amz-content-sha256;x-amz-date", "", "", "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7")]
    public void The_fakes_signatures_are_those_that_Aws_publishes(string method, string path, string query, string signed, string headers, string body, string signature)
    {
        Dictionary<string, string> all = new(StringComparer.OrdinalIgnoreCase)
        {
            ["host"] = "examplebucket.s3.amazonaws.com", ["x-amz-date"] = "20130524T000000Z", ["x-amz-content-sha256"] = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(body))),
        };
        foreach (string header in headers.Split('|', StringSplitOptions.RemoveEmptyEntries))
        {
            all[header.Split('=', 2)[0]] = header.Split('=', 2)[1];
        }

        WireRequest request = new(method, path, query, all, Encoding.UTF8.GetBytes(body));
        Assert.Equal(signature, SigV4.Of(request, signed.Split(';'), "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "20130524", "us-east-1"));
    }

    [Fact]
    public async Task Events_arrive_in_objects_whose_names_tile_the_log()
    {
        _source.Add(1250);
        MemoryDestinationStore store = new();
        DestinationStatus status = await KindBench.DeliverAsync(Json(""","batch":{"max_events":500,"max_age_ms":0}"""), _source, store);
        Assert.Empty(_server.Refusals);
        Assert.Equal(1250, status.Delivered);
        Assert.Equal(Enumerable.Range(0, 1250).Select(i => "e" + i), _server.Taken.Select(t => t.Id));
        string[] keys = [.. _server.Objects.Keys.Order(StringComparer.Ordinal)];
        Assert.StartsWith("agents/raw/dt=2026-01-01/hour=00/d-000000000000-000000000499-", keys[0], StringComparison.Ordinal);
        Assert.StartsWith("agents/raw/dt=2026-01-01/hour=00/d-000000001000-000000001249-", keys[2], StringComparison.Ordinal);
        JsonElement one = JsonSerializer.Deserialize<JsonElement>(_server.Taken.ElementAt(7).Json);
        Assert.Equal(7, one.GetProperty("muniment").GetProperty("n").GetInt64());
        string[] digests = [.. (await store.ReadReceiptsAsync(Fixtures.Tenant, "d", 0, 10, default)).Select(r => JsonSerializer.Deserialize<JsonElement>(r.Json.Span).GetProperty("digest").GetString()!)];
        Assert.All(keys, k => Assert.Contains(digests, d => k.EndsWith($"-{Short(d)}.ndjson.gz", StringComparison.Ordinal))); // a receipt's digest is that of the object's lines
    }

    [Fact]
    public async Task What_is_sent_again_is_the_same_object_and_counts_as_delivered()
    {
        _source.Add(3);
        DeliveryOutcome first = await KindBench.SendAsync(Json(), _source);
        DeliveryOutcome second = await KindBench.SendAsync(Json(), _source);
        Assert.Equal((OutcomeKind.Delivered, OutcomeKind.Delivered), (first.Kind, second.Kind));
        Assert.EndsWith("was there already", second.Response, StringComparison.Ordinal);
        Assert.Single(_server.Objects);
        Assert.Equal(3, _server.Taken.Count);
    }

    [Fact]
    public async Task A_store_that_does_not_know_conditions_gets_the_object_without()
    {
        _server.KnowsCondition = false;
        _source.Add(2);
        Assert.Equal(OutcomeKind.Delivered, (await KindBench.SendAsync(Json(), _source)).Kind);
        Assert.Null(_server.Requests.Last().Header("If-None-Match"));
    }

    [Theory]
    [InlineData("governance", "GOVERNANCE")]
    [InlineData("COMPLIANCE", "COMPLIANCE")]
    public async Task Object_lock_is_asked_for(string mode, string header)
    {
        _server.WantsLock = true;
        _source.Add(1);
        Assert.Equal(OutcomeKind.Delivered, (await KindBench.SendAsync(Json(options: $",\"object_lock\":{{\"mode\":\"{mode}\",\"days\":30}}"), _source)).Kind);
        WireRequest request = _server.Requests.Last();
        Assert.Equal(header, request.Header("x-amz-object-lock-mode"));
        double days = (DateTimeOffset.Parse(request.Header("x-amz-object-lock-retain-until-date")!, System.Globalization.CultureInfo.InvariantCulture) - TimeProvider.System.GetUtcNow()).TotalDays;
        Assert.InRange(days, 29.9, 30.1);
    }

    public static TheoryData<int, string, OutcomeKind, string?> Answers => new()
    {
        { 200, "", OutcomeKind.Delivered, null },
        { 200, "<html><body>login</body></html>", OutcomeKind.Misconfigured, "transport_mismatch" },
        { 412, StrictS3.Error("PreconditionFailed"), OutcomeKind.Delivered, null },
        { 409, StrictS3.Error("ConditionalRequestConflict"), OutcomeKind.RetryLater, "destination_error" },
        { 301, StrictS3.Error("PermanentRedirect"), OutcomeKind.Misconfigured, "misconfigured" },
        { 307, "", OutcomeKind.Misconfigured, "misconfigured" },
        { 400, StrictS3.Error("AuthorizationHeaderMalformed", "<Region>eu-north-1</Region>"), OutcomeKind.Misconfigured, "misconfigured" },
        { 400, StrictS3.Error("RequestTimeout"), OutcomeKind.RetryLater, "destination_error" },
        { 400, StrictS3.Error("EntityTooLarge"), OutcomeKind.TooLarge, "destination_error" },
        { 400, StrictS3.Error("InvalidRequest"), OutcomeKind.Misconfigured, "misconfigured" },
        { 400, StrictS3.Error("ExpiredToken"), OutcomeKind.CredentialRejected, "credential_rejected" },
        { 403, StrictS3.Error("AccessDenied"), OutcomeKind.CredentialRejected, "credential_rejected" },
        { 403, StrictS3.Error("InvalidAccessKeyId"), OutcomeKind.CredentialRejected, "credential_rejected" },
        { 403, StrictS3.Error("SignatureDoesNotMatch"), OutcomeKind.CredentialRejected, "credential_rejected" },
        { 403, StrictS3.Error("RequestTimeTooSkewed"), OutcomeKind.RetryLater, "destination_error" },
        { 403, "not xml", OutcomeKind.CredentialRejected, "credential_rejected" },
        { 404, StrictS3.Error("NoSuchBucket"), OutcomeKind.Misconfigured, "misconfigured" },
        { 413, "", OutcomeKind.TooLarge, "destination_error" },
        { 429, "", OutcomeKind.RetryLater, "rate_limited" },
        { 500, StrictS3.Error("InternalError"), OutcomeKind.RetryLater, "destination_error" },
        { 503, StrictS3.Error("SlowDown"), OutcomeKind.RetryLater, "rate_limited" },
        { 503, StrictS3.Error("ServiceUnavailable"), OutcomeKind.RetryLater, "destination_error" },
        { 0, "", OutcomeKind.RetryLater, "unreachable" },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task Every_answer_has_its_outcome(int status, string body, OutcomeKind kind, string? code)
    {
        _source.Add(2);
        _server.Then(status, body, "application/xml", status is 429 or 503 ? "7" : null);
        DeliveryOutcome outcome = await KindBench.SendAsync(Json(), _source);
        Assert.Equal((kind, code), (outcome.Kind, outcome.Code));
        Assert.Equal(status is 429 or 503 ? TimeSpan.FromSeconds(7) : null, outcome.Delay);
        Assert.DoesNotContain("secret words", outcome.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("first-secret", outcome.ToString(), StringComparison.Ordinal);
        Assert.True(!body.Contains("eu-north-1", StringComparison.Ordinal) || outcome.Hint!.Contains("eu-north-1", StringComparison.Ordinal));
        Assert.Single(_server.Requests); // the SDK neither repeats nor follows
    }

    public static TheoryData<string, string> WrongRequests => new()
    {
        { "POST", "1.5: PUT" },
        { "another bucket", "1.5: PUT" },
        { "no authorization", "1.5: Authorization" },
        { "version 2", "1.5: Authorization" },
        { "another key id", "1.5: InvalidAccessKeyId" },
        { "another region", "1.5: AuthorizationHeaderMalformed" },
        { "unsigned header", "1.5: every x-amz-" },
        { "no body hash", "1.5: x-amz-content-sha256" },
        { "unsigned payload", "1.5: x-amz-content-sha256" },
        { "old", "1.5: x-amz-date" },
        { "another path", "1.5: SignatureDoesNotMatch" },
        { "another signature", "1.5: SignatureDoesNotMatch" },
        { "another body", "1.5: the body is not" },
        { "another checksum", "1.5: SignatureDoesNotMatch" },
        { "text", "1.5: Content-Type" },
        { "no condition", "1.5: If-None-Match" },
    };

    [Theory]
    [MemberData(nameof(WrongRequests))]
    public async Task The_fake_refuses_wrong_requests(string what, string why)
    {
        await using StrictS3 server = new();
        WireRequest good = await KindBench.CaptureAsync(server, e => Json(endpoint: e));
        string authorization = good.Header("Authorization")!;
        WireRequest wrong = what switch
        {
            "POST" => good with { Method = "POST" },
            "another bucket" => good with { Path = good.Path.Replace("audit-log", "other", StringComparison.Ordinal) },
            "no authorization" => good.WithHeader("Authorization", null),
            "version 2" => good.WithHeader("Authorization", "AWS AKIDFIRST:c2ln"),
            "another key id" => good.WithHeader("Authorization", authorization.Replace("AKIDFIRST", "AKIDOTHER", StringComparison.Ordinal)),
            "another region" => good.WithHeader("Authorization", authorization.Replace("eu-west-1", "us-east-1", StringComparison.Ordinal)),
            "unsigned header" => good.WithHeader("x-amz-acl", "public-read"),
            "no body hash" => good.WithHeader("x-amz-content-sha256", null),
            "unsigned payload" => good.WithHeader("x-amz-content-sha256", "UNSIGNED-PAYLOAD"),
            "old" => good.WithHeader("x-amz-date", "20200101T000000Z"),
            "another path" => good with { Path = good.Path.Replace("/d-", "/e-", StringComparison.Ordinal) },
            "another signature" => good.WithHeader("Authorization", authorization[..^8] + "00000000"),
            "another body" => good with { Body = [.. good.Body, 0] },
            "another checksum" => good.WithHeader("x-amz-checksum-sha256", Convert.ToBase64String(new byte[32])),
            "text" => Sign(good.WithHeader("Content-Encoding", "identity")),
            _ => Sign(good.WithHeader("If-None-Match", "\"etag\"")),
        };
        Assert.InRange(server.Answer(wrong).Status, 400, 499);
        Assert.StartsWith(why, Assert.Single(server.Refusals), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", """ "bucket":"audit-log" """, "https://audit-log.s3.us-east-1.amazonaws.com/")]
    [InlineData("", """ "bucket":"audit-log","region":"eu-central-1","path_style":true """, "https://s3.eu-central-1.amazonaws.com/")]
    [InlineData("", """ "bucket":"audit.log","region":"cn-north-1" """, "https://s3.cn-north-1.amazonaws.com.cn/")]
    [InlineData("https://store.example", """ "bucket":"audit-log" """, "https://audit-log.store.example/")]
    [InlineData("http://10.0.0.1:9000", """ "bucket":"audit-log" """, "http://10.0.0.1:9000/")]
    public void The_address_follows_endpoint_region_and_style(string endpoint, string options, string expected)
    {
        DestinationConfig config = Fixtures.Config($$"""{"id":"d","kind":"s3","endpoint":"{{endpoint}}","credential":{"access_key_id":"a","secret_access_key":"b"},"options":{ {{options}} } }""", out _);
        Assert.Equal(expected, new S3Kind().Address(config).ToString());
    }

    [Theory]
    [InlineData("""{}""", "options.bucket")]
    [InlineData("""{"options":{"bucket":"Upper"}}""", "options.bucket")]
    [InlineData("""{"options":{"bucket":"abc","prefix":"/x"}}""", "options.prefix")]
    [InlineData("""{"options":{"bucket":"abc","prefix":"a/../b"}}""", "options.prefix")]
    [InlineData("""{"options":{"bucket":"abc","region":"evil.example/"}}""", "options.region")]
    [InlineData("""{"options":{"bucket":"abc","object_lock":{"mode":"forever","days":1}}}""", "options.object_lock")]
    [InlineData("""{"options":{"bucket":"abc","object_lock":{"mode":"governance"}}}""", "options.object_lock")]
    [InlineData("""{"options":{"bucket":"abc","object_lock":{"mode":"governance","days":1,"hold":true}}}""", "options.object_lock")]
    [InlineData("""{"options":{"bucket":"abc"}}""", "credential.access_key_id")]
    [InlineData("""{"options":{"bucket":"abc"},"credential":{"access_key_id":"a"}}""", "credential.secret_access_key")]
    [InlineData("""{"options":{"bucket":"abc"},"credential":{"ambient":true}}""", "credential.ambient")]
    [InlineData("""{"options":{"bucket":"abc"},"credential":{"ambient":"yes"}}""", "credential.ambient")]
    public void Configurations_are_checked(string members, string field)
    {
        Dictionary<string, JsonElement> json = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(members)!;
        json["id"] = JsonSerializer.SerializeToElement("d");
        json["kind"] = JsonSerializer.SerializeToElement("s3");
        Assert.Equal(field, KindBench.Refusal(JsonSerializer.Serialize(json)));
    }

    [Fact]
    public async Task Ambient_credentials_are_for_named_tenants_only()
    {
        byte[] json = Encoding.UTF8.GetBytes($$"""{"id":"d","kind":"s3","endpoint":"{{_server.Address}}","credential":{"ambient":true},"options":{"bucket":"audit-log","region":"eu-west-1"} }""");
        ConfigReader reader = new(KindRegistry.Default, new Fixtures.FieldEquals()) { MayUseAmbient = true };
        Assert.Null(reader.Read(json, SecretBag.Empty, null, out DestinationConfig? config, out SecretBag secrets));
        _source.Add(1);
        using Batch batch = await KindBench.BuildAsync(config!, _source);
        Dictionary<string, string?> environment = new() { ["AWS_ACCESS_KEY_ID"] = "AKIDFIRST", ["AWS_SECRET_ACCESS_KEY"] = "first-secret" };
        SenderContext context = new("acme", config!, secrets, Fixtures.Http(), Path.GetTempPath(), TimeProvider.System);
        DeliveryOutcome refused = await SendAsync(context);
        Assert.Equal(OutcomeKind.CredentialRejected, refused.Kind);
        Assert.Contains("Delivery:AmbientTenants", refused.Hint, StringComparison.Ordinal);
        Assert.Equal(OutcomeKind.Delivered, (await SendAsync(context with { MayUseAmbient = true })).Kind);
        environment.Clear();
        Assert.Equal(OutcomeKind.CredentialRejected, (await SendAsync(context with { MayUseAmbient = true })).Kind);

        async Task<DeliveryOutcome> SendAsync(SenderContext with)
        {
            await using S3Sender sender = new(with, environment.GetValueOrDefault);
            return await sender.SendAsync(new BatchSlice(batch, 0, 0, 1), default);
        }
    }

    [Fact]
    public async Task A_web_identity_is_changed_into_keys_through_the_guard()
    {
        string file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, "the-web-token\n");
        _server.WantsToken = "session-1";
        _server.Then(request =>
        {
            Assert.Contains("Action=AssumeRoleWithWebIdentity", request.Text, StringComparison.Ordinal);
            Assert.Contains("WebIdentityToken=the-web-token", request.Text, StringComparison.Ordinal);
            return new WireAnswer(200, Keys, "text/xml");
        });
        ConfigReader reader = new(KindRegistry.Default, new Fixtures.FieldEquals()) { MayUseAmbient = true };
        Assert.Null(reader.Read(Encoding.UTF8.GetBytes($$"""{"id":"d","kind":"s3","endpoint":"{{_server.Address}}","credential":{"ambient":true},"options":{"bucket":"audit-log","region":"eu-west-1"} }"""), SecretBag.Empty, null, out DestinationConfig? config, out SecretBag secrets));
        Dictionary<string, string?> environment = new() { ["AWS_WEB_IDENTITY_TOKEN_FILE"] = file, ["AWS_ROLE_ARN"] = "arn:aws:iam::1:role/r", ["AWS_ENDPOINT_URL_STS"] = _server.Address.ToString() };
        _source.Add(2);
        using Batch batch = await KindBench.BuildAsync(config!, _source);
        await using S3Sender sender = new(new SenderContext("acme", config!, secrets, Fixtures.Http(), Path.GetTempPath(), TimeProvider.System) { MayUseAmbient = true }, environment.GetValueOrDefault);
        Assert.Equal(OutcomeKind.Delivered, (await sender.SendAsync(new BatchSlice(batch, 0, 0, 1), default)).Kind);
        Assert.Equal(OutcomeKind.Delivered, (await sender.SendAsync(new BatchSlice(batch, 0, 1, 2), default)).Kind);
        Assert.Equal(3, _server.Requests.Count); // one for the keys
        _server.Then(400, StrictS3.Error("ExpiredToken"), "application/xml");
        _server.Then(200, Keys, "text/xml");
        _source.Add(1);
        using Batch more = await KindBench.BuildAsync(config!, _source);
        Assert.Equal(OutcomeKind.Delivered, (await sender.SendAsync(new BatchSlice(more, 0, 2, 3), default)).Kind); // with new keys
        Assert.Equal(6, _server.Requests.Count);
        _server.Then(400, StrictS3.Error("ExpiredToken"), "application/xml");
        _server.Then(200, Keys, "text/xml");
        _server.Then(400, StrictS3.Error("ExpiredToken"), "application/xml");
        Assert.Equal(OutcomeKind.CredentialRejected, (await sender.SendAsync(new BatchSlice(more, 0, 1, 3), default)).Kind); // the new ones too
        Assert.Equal(9, _server.Requests.Count);
        File.Delete(file);
    }

    [Fact]
    public async Task The_guard_stands_before_the_sdk()
    {
        _source.Add(1);
        DestinationConfig config = Fixtures.Config(Json(), out SecretBag secrets);
        using Batch batch = await KindBench.BuildAsync(config, _source);
        await using IDestinationSender sender = new S3Sender(new SenderContext("acme", config, secrets, Fixtures.Http("10.0.0.0/8"), Path.GetTempPath(), TimeProvider.System));
        DeliveryOutcome outcome = await sender.SendAsync(new BatchSlice(batch, 0, 0, 1), default);
        Assert.Equal((OutcomeKind.Misconfigured, "egress_refused"), (outcome.Kind, outcome.Code));
        Assert.Empty(_server.Requests);
    }

    [Fact]
    public async Task The_test_puts_an_object_apart()
    {
        TestReport report = await KindBench.TestAsync(Json());
        Assert.True(report.Ok, string.Join("; ", _server.Refusals));
        Assert.StartsWith("agents/raw/_test/", Assert.Single(_server.Objects).Key, StringComparison.Ordinal);
    }

    private static string Short(string digest) => digest.Split(':')[^1][..16];

    private static WireRequest Sign(WireRequest request)
    {
        string authorization = request.Header("Authorization")!;
        string[] signed = authorization.Split("SignedHeaders=")[1].Split(',')[0].Split(';');
        return request.WithHeader("Authorization", authorization[..^64] + SigV4.Of(request, signed, "first-secret", request.Header("x-amz-date")![..8], "eu-west-1"));
    }

    private string Json(string more = "", string options = "", string? endpoint = null) =>
        $$"""{"id":"d","kind":"s3","endpoint":"{{endpoint ?? _server.Address.ToString()}}","credential":{"access_key_id":"AKIDFIRST","secret_access_key":"first-secret"},"options":{"bucket":"audit-log","region":"eu-west-1","prefix":"agents/raw/"{{options}}}{{more}}}""";
}
