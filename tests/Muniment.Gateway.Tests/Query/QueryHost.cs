using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Muniment.Events;
using Muniment.Events.Keys;
using Muniment.Gateway.Access;
using Muniment.Gateway.Hosting;
using Muniment.Gateway.Ingest;
using Muniment.Gateway.Query;
using Muniment.Gateway.Query.Sessions;
using Muniment.Gateway.Tests.Hosting;
using Muniment.Journal;
using Muniment.Journal.Sessions;
using Muniment.Journal.Storage;
using Muniment.Messages.Tenants;

namespace Muniment.Gateway.Tests.Query;

/// <summary>The door and the reading routes on real Kestrel over a real journal on SQLite; tenants in memory.</summary>
internal sealed class QueryHost : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly JournalStore store;
    private readonly string directory;
    private readonly MemoryTenantStore tenants;

    private QueryHost(WebApplication app, JournalStore store, string directory, MemoryTenantStore tenants)
    {
        (this.app, this.store, this.directory, this.tenants) = (app, store, directory, tenants);
    }

    public HttpClient Client { get; private set; } = null!;

    public Task StopAsync() => app.StopAsync();

    public string Admin { get; private set; } = null!;

    public static async Task<QueryHost> OpenAsync(SessionLimits? sessions = null)
    {
        string directory = Directory.CreateTempSubdirectory("muniment-query").FullName;
        JournalStore store = await JournalStore.OpenAsync(new JournalOptions { DataDirectory = directory }, new Failure(), NullLoggerFactory.Instance);
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection([new("Gateway:Http", "0"), new("Gateway:OtlpGrpc", "0"), new("Gateway:OtlpHttp", "0")]);
        var tenants = new MemoryTenantStore();
        builder.Services.AddSingleton<TimeProvider>(new LongSeconds());
        builder.Services.AddSingleton<ITenantKeyring>(store.Keyring);
        builder.Services.AddSingleton(store.Reader);
        builder.Services.AddMunimentGateway(builder.Configuration);
        await store.Database.MigrateAsync(SessionTable.Owner);
        builder.Services.AddSingleton<ISessionDirectory>(new ProjectedSessions(store, sessions ?? new SessionLimits { MaxCatchUpMs = 120_000, MaxFollowMs = 120_000 }));
        builder.Services.AddMunimentQuery();
        builder.Services.AddSingleton<ITenantStore>(tenants);
        builder.Services.AddSingleton<IEventSink>(new SqliteSink(store));
        GatewayOptions options = builder.Configuration.GetSection(GatewayOptions.Section).Get<GatewayOptions>()!;
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ConfigureMunimentListeners(options));
        WebApplication app = builder.Build();
        app.MapMunimentGateway();
        app.MapQuery();
        await app.StartAsync();
        var host = new QueryHost(app, store, directory, tenants);
        var address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        host.Client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = address };
        host.Admin = await host.TenantAsync("acme");
        return host;
    }

    public async Task<string> TenantAsync(string name)
    {
        (string text, KeyMessage key) = KeyIssuer.Create(TenantId.Parse(name), Role.Admin, "first", TimeProvider.System);
        await tenants.CreateTenantAsync(new TenantMessage(name, null, null, QuotaMessage.None, 0), key);
        await app.Services.GetRequiredService<TenantCache>().ListAsync();
        await app.Services.GetRequiredService<TenantCache>().RenewAsync(TenantId.Parse(name));
        return text;
    }

    public async Task<string> KeyAsync(Role role, string? user = null, string? project = null)
    {
        (string text, KeyMessage key) = KeyIssuer.Create(TenantId.Parse("acme"), role, null, TimeProvider.System, user, project, false, 0);
        await tenants.AddKeyAsync(TenantId.Parse("acme"), key);
        await app.Services.GetRequiredService<TenantCache>().RenewAsync(TenantId.Parse("acme"));
        return text;
    }

    /// <summary>Posts events, one JSON object a line.</summary>
    public async Task PostAsync(string ndjson, string? key = null)
    {
        using HttpResponseMessage answer = await SendAsync(HttpMethod.Post, "/api/v1/events", key, new StringContent(ndjson, Encoding.UTF8, "application/x-ndjson"));
        string body = await answer.Content.ReadAsStringAsync();
        Assert.True((int)answer.StatusCode == 202 && JsonNode.Parse(body)!["rejected"]!.AsArray().Count == 0, body);
    }

    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? key = null, HttpContent? content = null, string? lastEventId = null)
    {
        var request = new HttpRequestMessage(method, path) { Content = content };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key ?? Admin);
        if (lastEventId is not null)
        {
            request.Headers.TryAddWithoutValidation("Last-Event-ID", lastEventId);
        }

        return await Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    public async Task<(int Status, JsonNode Body)> GetAsync(string path, string? key = null)
    {
        using HttpResponseMessage answer = await SendAsync(HttpMethod.Get, "/api/v1/" + path, key);
        return ((int)answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync())!);
    }

    /// <summary>The seqs of a page, in its order.</summary>
    public async Task<string> SeqsAsync(string query, string? key = null)
    {
        (int status, JsonNode body) = await GetAsync("events?" + query, key);
        return status == 200 ? string.Join(' ', body["items"]!.AsArray().Select(e => (long)e!["seq"]!)) : $"{status} {body["field"]}";
    }

    public Task<long> SealAsync() => ((SqliteSink)app.Services.GetRequiredService<IEventSink>()).SealAsync(TenantId.Parse("acme"));

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await app.DisposeAsync();
        await store.DisposeAsync();
        Directory.Delete(directory, recursive: true);
    }

    /// <summary>What is measured takes a sixtieth of the time, so that no scan is cut at its two seconds on a machine that is busy with other tests (ScanLimitTests looks at the cut).</summary>
    private sealed class LongSeconds : TimeProvider
    {
        public override long GetTimestamp() => base.GetTimestamp() / 60;
    }

    private sealed class Failure : IJournalFailure
    {
        public void Fatal(string reason, Exception? exception) => throw new InvalidOperationException(reason, exception);
    }
}
