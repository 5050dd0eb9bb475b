using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Muniment.Events;
using Muniment.Gateway.Access;
using Muniment.Gateway.Tests.Hosting;

namespace Muniment.Gateway.Tests.Access;

public class AccessTests
{
    private const string Event = """{"actor":"service:ci","action":"build.run","result":"success"}""";

    [Fact]
    public async Task No_key_a_wrong_key_and_a_low_role_are_told_apart()
    {
        await using Door door = await Door.OpenAsync();
        Assert.Equal(HttpStatusCode.Unauthorized, (await Post(door, null)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await Post(door, "nonsense")).StatusCode);
        string key = door.Key(Role.Ingest);
        Assert.Equal(HttpStatusCode.Unauthorized, (await Post(door, key[..^1] + (key[^1] == 'a' ? 'b' : 'a'))).StatusCode);
        (string stranger, _) = ApiKey.Create(TenantId.Parse("nobody"));
        Assert.Equal(HttpStatusCode.Unauthorized, (await Post(door, stranger)).StatusCode);
        HttpResponseMessage low = await Post(door, door.Key(Role.Analyst));
        Assert.Equal(HttpStatusCode.Forbidden, low.StatusCode);
        string problem = await low.Content.ReadAsStringAsync();
        Assert.Equal("application/problem+json", low.Content.Headers.ContentType?.MediaType);
        Assert.Contains("\"traceId\"", problem, StringComparison.Ordinal);
        Assert.Contains("analyst", problem, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Accepted, (await Post(door, key)).StatusCode);
    }

    [Fact]
    public async Task HEAD_is_GET_without_its_body()
    {
        await using Door door = await Door.OpenAsync();
        using HttpResponseMessage get = await door.SendAsync(HttpMethod.Get, "/api/v1/keys", key: door.Key(Role.Auditor));
        using HttpResponseMessage head = await door.SendAsync(HttpMethod.Head, "/api/v1/keys", key: door.Key(Role.Auditor));
        Assert.Equal((HttpStatusCode.OK, get.Content.Headers.ContentLength), (head.StatusCode, head.Content.Headers.ContentLength));
        Assert.Empty(await head.Content.ReadAsByteArrayAsync());
        using HttpResponseMessage nobody = await door.SendAsync(HttpMethod.Head, "/api/v1/keys");
        Assert.Equal(HttpStatusCode.Unauthorized, nobody.StatusCode);
    }

    [Fact]
    public async Task A_key_of_a_tenant_that_nobody_has_asks_no_tenant_grain()
    {
        await using Door door = await Door.OpenAsync();
        await Post(door, door.Key(Role.Ingest));
        int before = door.Tenants.SnapshotCalls;
        for (int i = 0; i < 20; i++)
        {
            (string key, _) = ApiKey.Create(TenantId.Parse($"made-up-{i}"));
            Assert.Equal(HttpStatusCode.Unauthorized, (await Post(door, key)).StatusCode);
        }

        Assert.Equal(before, door.Tenants.SnapshotCalls);
    }

    [Fact]
    public async Task The_key_may_come_in_x_api_key_but_not_two_of_them()
    {
        await using Door door = await Door.OpenAsync();
        string key = door.Key(Role.Ingest);
        HttpResponseMessage one = await door.SendAsync(HttpMethod.Post, "/api/v1/events", Json(Event), null, null, ("x-api-key", key));
        Assert.Equal(HttpStatusCode.Accepted, one.StatusCode);
        HttpResponseMessage two = await door.SendAsync(HttpMethod.Post, "/api/v1/events", Json(Event), key, null, ("x-api-key", door.Key(Role.Admin)));
        Assert.Equal(HttpStatusCode.Unauthorized, two.StatusCode);
    }

    [Fact]
    public async Task Revocation_and_expiry_count_within_five_seconds()
    {
        var time = new ManualTime();
        await using Door door = await Door.OpenAsync(time: time);
        string key = await door.KeyAsync("default", Role.Ingest);
        string expiring = await door.KeyAsync("default", Role.Ingest, expiresMs: time.GetUtcNow().AddSeconds(60).ToUnixTimeMilliseconds());
        Assert.Equal(HttpStatusCode.Accepted, (await Post(door, key)).StatusCode);
        Assert.Equal(HttpStatusCode.Accepted, (await Post(door, expiring)).StatusCode);

        ApiKey.TryParse(key, out TenantId tenant, out string? id);
        await door.Tenants.RevokeKeyAsync(tenant, id!);
        time.Advance(TimeSpan.FromSeconds(4.5));
        Assert.Equal(HttpStatusCode.Unauthorized, (await Post(door, key)).StatusCode);

        time.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(HttpStatusCode.Unauthorized, (await Post(door, expiring)).StatusCode);
    }

    [Fact]
    public async Task A_new_key_counts_at_once_when_the_view_is_older_than_a_second()
    {
        var time = new ManualTime();
        await using Door door = await Door.OpenAsync(time: time);
        await Post(door, door.Key(Role.Ingest));
        string key = await door.KeyAsync("default", Role.Ingest);
        time.Advance(TimeSpan.FromSeconds(1.1));
        Assert.Equal(HttpStatusCode.Accepted, (await Post(door, key)).StatusCode);
    }

    [Fact]
    public async Task When_tenants_cannot_be_asked_nobody_gets_in_after_the_cache_has_aged()
    {
        var time = new ManualTime();
        await using Door door = await Door.OpenAsync(time: time);
        Assert.Equal(HttpStatusCode.Accepted, (await Post(door, door.Key(Role.Ingest))).StatusCode);
        door.Tenants.Fails = true;
        time.Advance(TimeSpan.FromSeconds(5));
        HttpResponseMessage answer = await Post(door, door.Key(Role.Ingest));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal("2", answer.Headers.RetryAfter?.ToString());
    }

    [Fact]
    public async Task Only_a_super_admin_picks_a_tenant_and_its_visit_is_an_event_there()
    {
        await using Door door = await Door.OpenAsync(routes: app => app.MapGet("/api/v1/probe", (HttpContext context) => context.Caller().Tenant.Value).Requires(Permission.ReadEvents));
        await door.TenantAsync("blue");
        HttpResponseMessage visit = await door.SendAsync(HttpMethod.Get, "/api/v1/probe", null, door.Key(Role.SuperAdmin), null, ("x-muniment-tenant", "blue"));
        Assert.Equal("blue", await visit.Content.ReadAsStringAsync());
        Assert.Equal("tenant.visit", Assert.Single(door.Journal.Canonical(TenantId.Parse("blue"))).Action);
        Assert.Equal("admin", door.Journal.Canonical(TenantId.Parse("blue"))[0].Stream);

        HttpResponseMessage home = await door.SendAsync(HttpMethod.Get, "/api/v1/probe", null, door.Key(Role.SuperAdmin));
        Assert.Equal("default", await home.Content.ReadAsStringAsync());
        Assert.Empty(door.Journal.Stored(TenantId.Default));

        HttpResponseMessage nowhere = await door.SendAsync(HttpMethod.Get, "/api/v1/probe", null, door.Key(Role.SuperAdmin), null, ("x-muniment-tenant", "nowhere"));
        Assert.Equal(HttpStatusCode.NotFound, nowhere.StatusCode);
        HttpResponseMessage admin = await door.SendAsync(HttpMethod.Get, "/api/v1/probe", null, door.Key(Role.Admin), null, ("x-muniment-tenant", "blue"));
        Assert.Equal(HttpStatusCode.Forbidden, admin.StatusCode);
    }

    [Fact]
    public async Task A_route_without_a_permission_is_refused_at_start()
    {
        InvalidOperationException e = await Assert.ThrowsAsync<InvalidOperationException>(() => Door.OpenAsync(routes: app => app.MapGet("/open", () => "all")));
        Assert.Contains("/open", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_fault_is_500_with_a_trace_id_and_without_its_text()
    {
        await using Door door = await Door.OpenAsync(routes: app => app.MapGet("/fault", string () => throw new InvalidOperationException("secret text")).Requires(Permission.Anyone));
        HttpResponseMessage answer = await door.SendAsync(HttpMethod.Get, "/fault");
        Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
        string text = await answer.Content.ReadAsStringAsync();
        Assert.Contains("traceId", text, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unknown_paths_and_methods_are_problems_too()
    {
        await using Door door = await Door.OpenAsync();
        HttpResponseMessage path = await door.SendAsync(HttpMethod.Get, "/nothing");
        Assert.Equal(HttpStatusCode.NotFound, path.StatusCode);
        Assert.Equal("application/problem+json", path.Content.Headers.ContentType?.MediaType);
        HttpResponseMessage method = await door.SendAsync(HttpMethod.Delete, "/api/v1/events");
        Assert.Equal(HttpStatusCode.MethodNotAllowed, method.StatusCode);
        Assert.Equal("application/problem+json", method.Content.Headers.ContentType?.MediaType);
    }

    private static Task<HttpResponseMessage> Post(Door door, string? key) => door.SendAsync(HttpMethod.Post, "/api/v1/events", Json(Event), key);

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");
}
