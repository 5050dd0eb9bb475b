using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Muniment.Events;
using Muniment.Gateway.Access;
using Muniment.Journal;
using Muniment.Silo.Destinations;

namespace Muniment.Host.Tests;

/// <summary>What a start makes and refuses.</summary>
[Collection(nameof(RealHost))]
public sealed class StartTests(RealHost host)
{
    [Fact]
    public async Task Each_start_prints_a_fresh_key_until_there_are_too_many()
    {
        var data = new DataDirectory(host.Directory);
        string? first = (await FirstStart.EnsureAsync(host.Services, data)).Ingest;
        string? second = (await FirstStart.EnsureAsync(host.Services, data)).Ingest;
        Assert.NotNull(first);
        Assert.NotEqual(first, second);
        int keys = await KeysAsync();

        var bootstrap = host.Services.GetRequiredService<TenantBootstrap>();
        Assert.NotNull(await bootstrap.IssueAsync(TenantId.Default, Role.Ingest, "of this test", most: 2));
        Assert.NotNull(await bootstrap.IssueAsync(TenantId.Default, Role.Ingest, "of this test", most: 2));
        Assert.Null(await bootstrap.IssueAsync(TenantId.Default, Role.Ingest, "of this test", most: 2));
        Assert.Equal(keys + 2, await KeysAsync());
    }

    [Fact]
    public void The_command_line_lists_the_failpoints()
    {
        Assert.True(CommandLine.Parse(["--failpoints"]).ListsFailpoints);
        Assert.Contains("--failpoints", CommandLine.Usage, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("", null)]
    [InlineData("before-commit:1", null)]
    [InlineData("after-plan:3", null)]
    [InlineData("before-comit:1", "before-commit")]
    [InlineData("before-commit", "point:n")]
    [InlineData("before-commit:0", "point:n")]
    [InlineData(":1", "point:n")]
    public void A_fault_that_arms_nothing_is_refused_with_the_list(string? fault, string? says)
    {
        DestinationServices.RegisterFailpoints();
        string? refusal = Failpoints.Refuse(fault);
        if (says is null)
        {
            Assert.Null(refusal);
        }
        else
        {
            Assert.Contains(says, refusal, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Ready_is_found_out_by_making_a_row_durable()
    {
        // An answer is used again for half a second.
        for (DateTime end = DateTime.UtcNow.AddMinutes(2); ;)
        {
            long before = await TimesAsync();
            using HttpResponseMessage ready = await host.SendAsync("GET", "/readyz", role: null);
            Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
            if (await TimesAsync() == before + 2)
            {
                return;
            }

            Assert.True(DateTime.UtcNow < end, "no row was written");
            await Task.Delay(50);
        }
    }

    private async Task<long> TimesAsync() => await new Muniment.Journal.Durability.DurabilityProbe(host.Store.Database, TimeProvider.System).WriteAsync(CancellationToken.None);

    private async Task<int> KeysAsync()
    {
        using HttpResponseMessage answer = await host.SendAsync("GET", "/api/v1/keys?limit=1000");
        return JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("items").GetArrayLength();
    }
}
