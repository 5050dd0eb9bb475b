using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Muniment.Events;
using Muniment.Gateway.Access;
using Muniment.Journal;

namespace Muniment.Host.Tests;

[Collection(nameof(RealHost))]
public sealed class TailTests(RealHost host)
{
    [Fact]
    public async Task What_is_appended_wakes_the_tails_of_its_process()
    {
        Task woken = host.Services.GetRequiredService<AppendSignal>().NextAsync(TenantId.Default);
        using HttpResponseMessage posted = await host.SendAsync("POST", "/api/v1/events", Role.Ingest, """{"actor":"user:jo","action":"repo.read","result":"allowed"}""");
        Assert.Equal(HttpStatusCode.Accepted, posted.StatusCode);
        await woken.WaitAsync(TimeSpan.FromMinutes(2));
    }
}
