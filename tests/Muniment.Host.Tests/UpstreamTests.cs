using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Muniment.Events;
using Muniment.Gateway.Access;
using Muniment.Gateway.Upstreams;

namespace Muniment.Host.Tests;

/// <summary>Upstreams through the real host: credentials go in and never come out, and what is wrong is named.</summary>
[Collection(nameof(RealHost))]
public sealed class UpstreamTests(RealHost host)
{
    private const string Secret = "sk-live-0123456789";

    [Fact]
    public async Task An_upstream_is_kept_without_showing_its_credential()
    {
        using HttpResponseMessage put = await Put("openai-1", $$"""{"kind":"openai","base_url":"https://8.8.8.8/v1/","credential":"{{Secret}}"}""");
        Assert.Equal(HttpStatusCode.OK, put.StatusCode);
        string answer = await put.Content.ReadAsStringAsync();
        Assert.Equal("""{"name":"openai-1","kind":"openai","base_url":"https://8.8.8.8/v1","credential":"***"}""", answer);
        Assert.Equal(answer, await Text("/api/v1/upstreams/openai-1"));
        Assert.Contains(answer, await Text("/api/v1/upstreams"), StringComparison.Ordinal);
        Upstream found = (await host.Services.GetRequiredService<IUpstreamDirectory>().FindAsync(TenantId.Default, "openai-1"))!;
        Assert.Equal(Secret, found.Credential!.ApiKey);

        // As it came back: the credential stays.
        using HttpResponseMessage again = await Put("openai-1", """{"kind":"openai","base_url":"https://8.8.4.4/v1","credential":"***"}""");
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        found = (await host.Services.GetRequiredService<IUpstreamDirectory>().FindAsync(TenantId.Default, "openai-1"))!;
        Assert.Equal((Secret, "https://8.8.4.4/v1"), (found.Credential!.ApiKey, found.BaseUrl.ToString()));
        Assert.DoesNotContain(Secret, await StoredAsync(), StringComparison.Ordinal);

        using HttpResponseMessage removed = await host.SendAsync("DELETE", "/api/v1/upstreams/openai-1", Role.Admin);
        Assert.Equal(HttpStatusCode.NoContent, removed.StatusCode);
        Assert.Null(await host.Services.GetRequiredService<IUpstreamDirectory>().FindAsync(TenantId.Default, "openai-1"));
        using HttpResponseMessage gone = await host.SendAsync("GET", "/api/v1/upstreams/openai-1");
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);

        string events = await Text("/api/v1/events?stream=admin&target=openai-1&order=asc");
        JsonElement[] acts = [.. JsonDocument.Parse(events).RootElement.GetProperty("items").EnumerateArray()];
        Assert.Equal(["upstream.update", "upstream.update", "upstream.delete"], acts.Select(act => act.GetProperty("action").GetString()));
        Assert.Equal("***", acts[0].GetProperty("details").GetProperty("after").GetProperty("credential").GetString());
        Assert.Equal(
            acts[0].GetProperty("details").GetProperty("after").GetProperty("fingerprint").GetString(), acts[1].GetProperty("details").GetProperty("before").GetProperty("fingerprint").GetString());
        Assert.DoesNotContain(Secret, events, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Headers_of_a_credential_are_kept_and_masked()
    {
        using HttpResponseMessage put = await Put("proxy", """{"kind":"anthropic","base_url":"https://8.8.8.8","credential":{"api_key":"k1","headers":{"x-team":"red"}}}""");
        Assert.Equal("""{"name":"proxy","kind":"anthropic","base_url":"https://8.8.8.8","credential":{"api_key":"***","headers":{"x-team":"***"}}}""", await put.Content.ReadAsStringAsync());
        Upstream found = (await host.Services.GetRequiredService<IUpstreamDirectory>().FindAsync(TenantId.Default, "proxy"))!;
        Assert.Equal(("k1", "x-team", "red"), (found.Credential!.ApiKey, found.Credential.Headers[0].Key, found.Credential.Headers[0].Value));
        Assert.DoesNotContain("k1", found.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bad name", """{"kind":"openai","base_url":"https://8.8.8.8"}""", "name")]
    [InlineData("u", """{"base_url":"https://8.8.8.8"}""", "kind")]
    [InlineData("u", """{"kind":"gopher","base_url":"https://8.8.8.8"}""", "kind")]
    [InlineData("u", """{"kind":"openai"}""", "base_url")]
    [InlineData("u", """{"kind":"openai","base_url":"ftp://8.8.8.8"}""", "base_url")]
    [InlineData("u", """{"kind":"openai","base_url":"https://user:pass@8.8.8.8"}""", "base_url")]
    [InlineData("u", """{"kind":"openai","base_url":"https://8.8.8.8?x=1"}""", "base_url")]
    [InlineData("u", """{"kind":"openai","base_url":"http://8.8.8.8"}""", "base_url")]
    [InlineData("u", """{"kind":"openai","base_url":"https://169.254.169.254"}""", "base_url")]
    [InlineData("u", """{"kind":"openai","base_url":"http://127.0.0.1:9"}""", "base_url")]
    [InlineData("u", """{"kind":"openai","base_url":"https://8.8.8.8","credential":"a\u000ab"}""", "credential")]
    [InlineData("u", """{"kind":"openai","base_url":"https://8.8.8.8","credential":{"headers":{"Host":"x"}}}""", "credential")]
    [InlineData("u", """{"kind":"openai","base_url":"https://8.8.8.8","credential":7}""", "credential")]
    [InlineData("never-made", """{"kind":"openai","base_url":"https://8.8.8.8","credential":"***"}""", "credential")]
    [InlineData("u", """{"kind":"openai","base_url":"https://8.8.8.8","retries":3}""", "retries")]
    public async Task What_is_wrong_is_named(string name, string body, string field)
    {
        using HttpResponseMessage answer = await Put(Uri.EscapeDataString(name), body);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal(field, JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("field").GetString());
    }

    private Task<HttpResponseMessage> Put(string name, string json) => host.SendAsync("PUT", "/api/v1/upstreams/" + name, Role.Admin, json);

    private async Task<string> Text(string path)
    {
        using HttpResponseMessage answer = await host.SendAsync("GET", path, Role.Admin);
        return await answer.Content.ReadAsStringAsync();
    }

    // What the grains keep. The events, which are compressed, are looked at through the API.
    private async Task<string> StoredAsync() => await host.Store.Database.ReadAsync(connection =>
    {
        using System.Data.Common.DbCommand command = connection.CreateCommand();
        command.CommandText = "SELECT payload FROM grain_state";
        using System.Data.Common.DbDataReader reader = command.ExecuteReader();
        var text = new StringBuilder();
        while (reader.Read())
        {
            text.Append(Encoding.UTF8.GetString((byte[])reader.GetValue(0)));
        }

        Assert.Contains("openai-1", text.ToString(), StringComparison.Ordinal);
        return text.ToString();
    });
}
