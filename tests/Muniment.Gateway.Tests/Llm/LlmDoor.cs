using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Muniment.Egress;
using Muniment.Events;
using Muniment.Events.Canonical;
using Muniment.Gateway.Access;
using Muniment.Gateway.Deciding;
using Muniment.Gateway.Deciding.Budgets;
using Muniment.Gateway.Llm;
using Muniment.Gateway.Policies;
using Muniment.Gateway.Tests.Hosting;
using Muniment.Gateway.Upstreams;
using Muniment.Grains.Budgets;
using Muniment.Testing.Upstreams;

namespace Muniment.Gateway.Tests.Llm;

/// <summary>The gateway on real Kestrel with journal, policies and budgets in memory, and a strict fake upstream behind it under the names <c>oai</c>, <c>ant</c> and <c>mcp</c>.</summary>
public sealed class LlmDoor : IAsyncLifetime
{
    private readonly ConcurrentDictionary<string, BudgetLedger> _budgets = new();
    private Door _door = null!;
    private MemoryDecidingStore _store = null!;

    public StoppableTime Time { get; } = new();

    public FakeUpstream Upstream { get; private set; } = null!;

    public HttpClient Client { get; private set; } = null!;

    public string Key { get; private set; } = "";

    internal Door Door => _door;

    internal MemoryDecidingStore Store => _store;

    public async Task InitializeAsync()
    {
        Upstream = await FakeUpstream.StartAsync();
        Assert.True(EgressRule.TryParseList("127.0.0.0/8", out var rules, out _));
        _door = await Door.OpenWithAsync(
            (services, configuration, keyring) =>
            {
                services.AddSingleton(new PlatformEndpoints());
                services.AddSingleton<IHostResolver, SystemHostResolver>();
                services.AddSingleton(provider => new EgressGuard(rules, provider.GetRequiredService<PlatformEndpoints>(), provider.GetRequiredService<IHostResolver>()));
                services.AddSingleton<EgressHttp>();
                ServiceDescriptor[] before = [.. services];
                services.AddMunimentDeciding();

                // Its work in the background reads the real journal.
                foreach (ServiceDescriptor hosted in services.Except(before).Where(service => service.ServiceType == typeof(Microsoft.Extensions.Hosting.IHostedService)).ToArray())
                {
                    services.Remove(hosted);
                }

                services.AddMunimentLlm(configuration);
                (IDecidingStore store, _store) = MemoryDecidingStore.Create(keyring);
                services.AddSingleton(store);
                services.AddSingleton(MemoryApprovals.Create());
                services.AddSingleton(new BudgetBook((key, ask) => Task.FromResult(Take(key, ask)), TimeProvider.System));
            },
            app => app.MapLlm(), Time, ("Gateway:MaxBodyBytes", "2000000"),
            ("Prices:Models:0:Model", "priced-*"), ("Prices:Models:0:Input", "10"), ("Prices:Models:0:CacheRead", "1"), ("Prices:Models:0:Output", "30"));
        _store.AddUpstream("oai", UpstreamKind.OpenAi, Upstream.Address + "/v1", FakeUpstream.Key);
        _store.AddUpstream("ant", UpstreamKind.Anthropic, Upstream.Address, FakeUpstream.Key);
        _store.AddUpstream("mcp", UpstreamKind.Mcp, Upstream.Address + "/mcp", FakeUpstream.Key);
        _store.AddUpstream("dead", UpstreamKind.OpenAi, "http://127.0.0.1:9", FakeUpstream.Key);
        Key = _door.Key(Role.Agent);
        Client = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }) { BaseAddress = _door.Http };
    }

    public async Task DisposeAsync()
    {
        Client.Dispose();
        await _door.DisposeAsync();
        await Upstream.DisposeAsync();
    }

    /// <summary>
    /// Puts the policy in force at once, and the answer. Waits for an upstream are as long as a machine needs that is busy with other tests; a test in which the upstream falls silent says
    /// which of them is to be short.
    /// </summary>
    internal async Task SetAsync(string? policy, FakeAnswer? answer = null, int headerMs = 120_000, int idleMs = 120_000)
    {
        LlmOptions options = _door.Services.GetRequiredService<IOptions<LlmOptions>>().Value;
        (options.HeaderTimeoutMs, options.IdleTimeoutMs) = (headerMs, idleMs);
        Upstream.Answer = answer ?? new FakeAnswer();
        Upstream.Intercept = null;
        Upstream.Requests.Clear();
        Upstream.Refused.Clear();
        _store.SetPolicy(policy);
        await _door.Services.GetRequiredService<DecidingCache>().RenewAsync(TenantId.Default);
    }

    internal async Task<HttpResponseMessage> PostAsync(string path, string json, HttpMethod? method = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method ?? HttpMethod.Post, path);
        if (method is null || method == HttpMethod.Post)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(json)) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        }

        if (path.Contains("/ant/", StringComparison.Ordinal))
        {
            request.Headers.TryAddWithoutValidation("x-api-key", Key);
            request.Headers.TryAddWithoutValidation("anthropic-version", "2023-06-01");
        }
        else
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Key);
        }

        foreach ((string name, string value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    /// <summary>The events of a decision, as JSON of their records.</summary>
    internal IReadOnlyList<CanonicalEvent> Events(string decision) =>
        [.. _door.Journal.Canonical(TenantId.Default).Where(e => !e.Decision.IsEmpty && JsonDocument.Parse(e.Decision).RootElement.GetProperty("id").GetString() == decision)];

    internal static string DecisionOf(HttpResponseMessage response) => Assert.Single(response.Headers.GetValues("x-muniment-decision"));

    private Messages.Budgets.BudgetGrant Take(string key, Messages.Budgets.BudgetAsk ask)
    {
        BudgetLedger ledger = _budgets.GetOrAdd(key, _ => new BudgetLedger("first", []));
        lock (ledger)
        {
            return ledger.Take(ask, TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds());
        }
    }
}
