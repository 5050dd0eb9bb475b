using System.Net;
using Muniment.Gateway.Access;
using Muniment.Gateway.Tests.Hosting;

namespace Muniment.Gateway.Tests.Access;

public class OtherTenantTests
{
    [Fact]
    public async Task Another_tenants_key_is_not_there()
    {
        await using Door door = await Door.OpenAsync();
        await door.TenantAsync("blue");
        string victim = await door.KeyAsync("default", Role.Ingest);
        Assert.True(ApiKey.TryParse(victim, out _, out string? id));
        HttpResponseMessage answer = await door.SendAsync(HttpMethod.Delete, $"/api/v1/keys/{id}", null, door.Key(Role.Admin, "blue"));
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        HttpResponseMessage list = await door.SendAsync(HttpMethod.Get, "/api/v1/keys", null, door.Key(Role.Admin, "blue"));
        Assert.DoesNotContain(id, await list.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }
}
