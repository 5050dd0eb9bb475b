using System.Net;
using System.Text;
using System.Text.Json;
using Muniment.Events;
using Muniment.Events.Canonical;
using Muniment.Gateway.Access;
using Muniment.Gateway.Tests.Hosting;
using Muniment.Messages.Journal;

namespace Muniment.Gateway.Tests.Administration;

public class AdministrationTests
{
    [Fact]
    public async Task A_key_is_shown_once_works_at_once_and_stops_at_once_when_revoked_here()
    {
        await using Door door = await Door.OpenAsync();
        string admin = door.Key(Role.Admin);
        (HttpStatusCode status, JsonElement made) = await Send(door, HttpMethod.Post, "/api/v1/keys", admin,
            """{"role":"ingest","name":"ci","project":"atlas","user":"j@acme.com","expires":"2099-01-01T00:00:00Z"}""");
        Assert.Equal(HttpStatusCode.Created, status);
        string key = made.GetProperty("key").GetString()!;
        string id = made.GetProperty("id").GetString()!;
        Assert.StartsWith("mk_default_" + id, key, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Accepted, await PostEvent(door, key));

        (_, JsonElement list) = await Send(door, HttpMethod.Get, "/api/v1/keys?limit=1000", admin);
        JsonElement item = list.GetProperty("items").EnumerateArray().Single(item => item.GetProperty("id").GetString() == id);
        Assert.False(item.TryGetProperty("key", out _));
        Assert.Equal("atlas", item.GetProperty("project").GetString());

        (HttpStatusCode revoked, _) = await Send(door, HttpMethod.Delete, $"/api/v1/keys/{id}", admin);
        Assert.Equal(HttpStatusCode.NoContent, revoked);
        Assert.Equal(HttpStatusCode.Unauthorized, await PostEvent(door, key));

        CanonicalEvent[] events = [.. door.Journal.Canonical(TenantId.Default).Where(item => item.Stream == "admin")];
        Assert.Equal(["key.create", "key.revoke"], events.Select(item => item.Action));
        Assert.All(events, item =>
        {
            string details = Encoding.UTF8.GetString(item.Details.Span);
            Assert.Contains("\"key\":\"***\"", details, StringComparison.Ordinal);
            Assert.Contains("\"fingerprint\":\"sha256:", details, StringComparison.Ordinal);
            Assert.DoesNotContain(key[^20..], details, StringComparison.Ordinal);
        });
    }

    [Theory]
    [InlineData("""{}""", "role")]
    [InlineData("""{"role":"king"}""", "role")]
    [InlineData("""{"role":"ingest","rolle":1}""", "rolle")]
    [InlineData("""{"role":"ingest","role":"admin"}""", "body")]
    [InlineData("""{"role":"ingest","expires":"tomorrow"}""", "expires")]
    [InlineData("""{"role":"ingest","expires":"2001-01-01T00:00:00Z"}""", "expires")]
    [InlineData("""{"role":"ingest","act_as":"yes"}""", "act_as")]
    [InlineData("""{"role":"ingest","name":7}""", "name")]
    [InlineData("""{"role":"ingest","name":"\ud800"}""", "name")]
    [InlineData("[]", "body")]
    [InlineData("", "body")]
    public async Task A_wrong_key_request_names_the_field(string body, string field)
    {
        await using Door door = await Door.OpenAsync();
        (HttpStatusCode status, JsonElement answer) = await Send(door, HttpMethod.Post, "/api/v1/keys", door.Key(Role.Admin), body);
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal(field, answer.GetProperty("field").GetString());
    }

    [Fact]
    public async Task An_admin_cannot_raise_itself()
    {
        await using Door door = await Door.OpenAsync();
        Assert.Equal(HttpStatusCode.Forbidden, (await Send(door, HttpMethod.Post, "/api/v1/keys", door.Key(Role.Admin), """{"role":"super_admin"}""")).Status);
        Assert.True(ApiKey.TryParse(door.Key(Role.SuperAdmin), out _, out string? id));
        Assert.Equal(HttpStatusCode.Forbidden, (await Send(door, HttpMethod.Delete, $"/api/v1/keys/{id}", door.Key(Role.Admin))).Status);
        Assert.Equal(HttpStatusCode.Conflict, (await Send(door, HttpMethod.Delete, $"/api/v1/keys/{id}", door.Key(Role.SuperAdmin))).Status);
    }

    [Theory]
    [InlineData("jane@acme.com", null)]
    [InlineData(null, "atlas")]
    public async Task A_bound_key_makes_no_key_that_reads_past_its_binding(string? user, string? project)
    {
        await using Door door = await Door.OpenAsync();
        string bound = await door.KeyAsync("default", Role.Admin, user, project);
        using HttpResponseMessage made = await door.SendAsync(HttpMethod.Post, "/api/v1/keys", new StringContent("""{"role":"admin"}"""), bound);
        Assert.Equal(HttpStatusCode.Forbidden, made.StatusCode);
        using HttpResponseMessage listed = await door.SendAsync(HttpMethod.Get, "/api/v1/keys", null, bound);
        Assert.Equal(HttpStatusCode.OK, listed.StatusCode);
    }

    [Fact]
    public async Task A_tenant_comes_with_its_first_admin_key()
    {
        await using Door door = await Door.OpenAsync();
        (HttpStatusCode status, JsonElement made) = await Send(door, HttpMethod.Post, "/api/v1/tenants", door.Key(Role.SuperAdmin),
            """{"id":"blue","name":"Blue","quota":{"events_per_s":1000,"bytes_per_day":0},"region":"eu"}""");
        Assert.Equal(HttpStatusCode.Created, status);
        Assert.Equal("blue", made.GetProperty("id").GetString());
        string key = made.GetProperty("admin_key").GetString()!;
        Assert.Equal(HttpStatusCode.Accepted, await PostEvent(door, key));
        Assert.Equal("tenant.create", door.Journal.Canonical(TenantId.Parse("blue"))[0].Action);
        Assert.Equal(HttpStatusCode.Conflict, (await Send(door, HttpMethod.Post, "/api/v1/tenants", door.Key(Role.SuperAdmin), """{"id":"blue"}""")).Status);
        (_, JsonElement list) = await Send(door, HttpMethod.Get, "/api/v1/tenants", door.Key(Role.SuperAdmin));
        Assert.Equal(["blue", "default"], list.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("id").GetString()));
        (_, JsonElement wrong) = await Send(door, HttpMethod.Post, "/api/v1/tenants", door.Key(Role.SuperAdmin), """{"id":"red","quota":{"events":1}}""");
        Assert.Equal("quota.events", wrong.GetProperty("field").GetString());
    }

    [Fact]
    public async Task A_tenants_quota_can_be_changed_and_counts()
    {
        await using Door door = await Door.OpenAsync();
        await door.TenantAsync("blue");
        (HttpStatusCode status, JsonElement changed) = await Send(door, HttpMethod.Put, "/api/v1/tenants/blue", door.Key(Role.SuperAdmin), """{"name":"Blue","quota":{"bytes_per_day":1}}""");
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(("Blue", 1L), (changed.GetProperty("name").GetString(), changed.GetProperty("quota").GetProperty("bytes_per_day").GetInt64()));
        Assert.Equal(changed.GetRawText(), (await Send(door, HttpMethod.Get, "/api/v1/tenants/blue", door.Key(Role.SuperAdmin))).Answer.GetRawText());
        Assert.Equal(HttpStatusCode.TooManyRequests, await PostEvent(door, door.Key(Role.Ingest, "blue")));
        string details = Encoding.UTF8.GetString(door.Journal.Canonical(TenantId.Parse("blue")).Single(item => item.Action == "tenant.update").Details.Span);
        Assert.Contains("\"bytes_per_day\":0", details, StringComparison.Ordinal);
        Assert.Contains("\"bytes_per_day\":1", details, StringComparison.Ordinal);

        Assert.Equal(HttpStatusCode.NotFound, (await Send(door, HttpMethod.Put, "/api/v1/tenants/red", door.Key(Role.SuperAdmin), "{}")).Status);
        (_, JsonElement other) = await Send(door, HttpMethod.Put, "/api/v1/tenants/blue", door.Key(Role.SuperAdmin), """{"id":"red"}""");
        Assert.Equal("id", other.GetProperty("field").GetString());
        (_, JsonElement wrong) = await Send(door, HttpMethod.Put, "/api/v1/tenants/blue", door.Key(Role.SuperAdmin), """{"quota":{"events":1}}""");
        Assert.Equal("quota.events", wrong.GetProperty("field").GetString());
    }

    [Fact]
    public async Task Settings_are_versioned_locked_from_above_and_merged()
    {
        await using Door door = await Door.OpenAsync();
        string admin = door.Key(Role.Admin);
        (_, JsonElement empty) = await Send(door, HttpMethod.Get, "/api/v1/settings/org", admin);
        Assert.Equal("""{"scope":"org","version":0,"values":{},"locks":[]}""", empty.GetRawText());
        await Send(door, HttpMethod.Put, "/api/v1/settings/project:atlas", admin, """{"values":{"mask":"none","theme":"dark"}}""");
        (_, JsonElement org) = await Send(door, HttpMethod.Put, "/api/v1/settings/org", admin, """{"values":{"mask":"all","limit":3},"locks":["mask"]}""");
        Assert.Equal("""{"scope":"org","version":1,"values":{"limit":3,"mask":"all"},"locks":["mask"]}""", org.GetRawText());
        (_, JsonElement same) = await Send(door, HttpMethod.Put, "/api/v1/settings/org", admin, """{"values":{"limit":3,"mask":"all"},"locks":["mask"]}""");
        Assert.Equal(1, same.GetProperty("version").GetInt64());

        (HttpStatusCode locked, JsonElement why) = await Send(door, HttpMethod.Put, "/api/v1/settings/user:jane", admin, """{"values":{"mask":"none"}}""");
        Assert.Equal(HttpStatusCode.Conflict, locked);
        Assert.Contains("mask", why.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Conflict, (await Send(door, HttpMethod.Put, "/api/v1/settings/org", admin, """{"version":7,"values":{}}""")).Status);

        (_, JsonElement effective) = await Send(door, HttpMethod.Get, "/api/v1/settings/effective?project=atlas&user=jane", admin);
        Assert.Equal("""{"limit":3,"mask":"all","theme":"dark"}""", effective.GetProperty("values").GetRawText());
        Assert.Equal("project:atlas", effective.GetProperty("from").GetProperty("theme").GetString());
        Assert.Equal(2, door.Journal.Canonical(TenantId.Default).Count(item => item.Action == "settings.update"));
        Assert.Equal(HttpStatusCode.BadRequest, (await Send(door, HttpMethod.Get, "/api/v1/settings/team:x", admin)).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await Send(door, HttpMethod.Get, "/api/v1/settings/org?x=1", admin)).Status);
    }

    [Fact]
    public async Task A_change_that_cannot_be_recorded_is_not_answered_as_done()
    {
        await using Door door = await Door.OpenAsync();
        door.Journal.Answer = AppendStatus.StorageFailed;
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await Send(door, HttpMethod.Post, "/api/v1/keys", door.Key(Role.Admin), """{"role":"ingest"}""")).Status);
    }

    [Fact]
    public async Task Setup_names_the_ports_that_are_open()
    {
        await using Door door = await Door.OpenAsync();
        foreach (string agent in new[] { "claude-code", "codex", "gemini-cli", "qwen-code", "otel" })
        {
            (HttpStatusCode status, JsonElement setup) = await Send(door, HttpMethod.Get, $"/api/v1/setup/{agent}", door.Key(Role.Auditor));
            Assert.Equal(HttpStatusCode.OK, status);
            string text = setup.GetProperty("text").GetString()!;
            Assert.True(text.Contains($"127.0.0.1:{door.OtlpGrpc.Port}", StringComparison.Ordinal) || text.Contains($"127.0.0.1:{door.OtlpHttp.Port}", StringComparison.Ordinal), text);
        }

        Assert.Equal(HttpStatusCode.NotFound, (await Send(door, HttpMethod.Get, "/api/v1/setup/hal", door.Key(Role.Auditor))).Status);
    }

    [Fact]
    public async Task Version_and_the_description_need_no_key()
    {
        await using Door door = await Door.OpenAsync();
        (_, JsonElement version) = await Send(door, HttpMethod.Get, "/version", null);
        Assert.Equal("muniment", version.GetProperty("name").GetString());
        (HttpStatusCode status, JsonElement api) = await Send(door, HttpMethod.Get, "/openapi/v1.json", null);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.True(api.GetProperty("paths").TryGetProperty("/api/v1/keys", out _));
        Assert.True(api.GetProperty("paths").TryGetProperty("/api/v1/events", out _));
    }

    [Fact]
    public async Task The_first_start_makes_default_and_keeps_its_key_before_anything_depends_on_it()
    {
        var store = new MemoryTenantStore();
        var bootstrap = new TenantBootstrap(store, TimeProvider.System);
        string? kept = null;
        string? key = await bootstrap.EnsureAsync(
            async (text, _) =>
            {
                Assert.Empty((await store.ListAsync(-1)).Tenants);
                kept = text;
            },
            default);
        Assert.NotNull(key);
        Assert.Equal(kept, key);
        Assert.Null(await bootstrap.EnsureAsync((_, _) => throw new InvalidOperationException(), default));
        Assert.StartsWith("mk_default_", await bootstrap.IssueAsync(TenantId.Default, Role.Ingest, "start"), StringComparison.Ordinal);
    }

    private static async Task<HttpStatusCode> PostEvent(Door door, string key) =>
        (await Send(door, HttpMethod.Post, "/api/v1/events", key, """{"actor":"service:ci","action":"build.run","result":"success"}""")).Status;

    private static async Task<(HttpStatusCode Status, JsonElement Answer)> Send(Door door, HttpMethod method, string path, string? key, string? body = null)
    {
        using HttpResponseMessage answer = await door.SendAsync(method, path, body is null ? null : new StringContent(body, Encoding.UTF8, "application/json"), key);
        string text = await answer.Content.ReadAsStringAsync();
        return (answer.StatusCode, text.Length == 0 ? default : JsonElement.Parse(text));
    }
}
