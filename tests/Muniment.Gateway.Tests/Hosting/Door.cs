using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Muniment.Events;
using Muniment.Events.Keys;
using Muniment.Gateway.Access;
using Muniment.Gateway.Hosting;
using Muniment.Gateway.Ingest;
using Muniment.Messages.Tenants;

namespace Muniment.Gateway.Tests.Hosting;

/// <summary>The whole gateway on real Kestrel, free ports, with tenants and journal in memory.</summary>
internal sealed class Door : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Dictionary<(string Tenant, Role Role), string> _keys = [];

    private Door(WebApplication app, MemoryTenantStore tenants, MemoryJournal journal)
    {
        _app = app;
        Tenants = tenants;
        Journal = journal;
    }

    public MemoryTenantStore Tenants { get; }

    public MemoryJournal Journal { get; }

    public IServiceProvider Services => _app.Services;

    public WebApplication App => _app;

    public Uri Http { get; private set; } = null!;

    public Uri OtlpGrpc { get; private set; } = null!;

    public Uri OtlpHttp { get; private set; } = null!;

    public HttpClient Client { get; private set; } = null!;

    public static Task<Door> OpenAsync(Action<WebApplication>? routes = null, TimeProvider? time = null, params (string Key, string Value)[] settings) => OpenWithAsync(null, routes, time, settings);

    /// <summary>The same with further services.</summary>
    public static async Task<Door> OpenWithAsync(Action<IServiceCollection, IConfiguration, MemoryKeyring>? services, Action<WebApplication>? routes, TimeProvider? time, params (string Key, string Value)[] settings)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var configuration = new Dictionary<string, string?> { ["Gateway:Http"] = "0", ["Gateway:OtlpGrpc"] = "0", ["Gateway:OtlpHttp"] = "0" };
        foreach ((string key, string value) in settings)
        {
            configuration[key] = value;
        }

        builder.Configuration.AddInMemoryCollection(configuration);
        var keyring = new MemoryKeyring();
        var journal = new MemoryJournal(keyring);
        var tenants = new MemoryTenantStore(journal, keyring);
        builder.Services.AddSingleton(time ?? TimeProvider.System);
        builder.Services.AddSingleton<ITenantKeyring>(keyring);
        builder.Services.AddMunimentGateway(builder.Configuration);
        builder.Services.AddSingleton<ITenantStore>(tenants);
        builder.Services.AddSingleton<IEventSink>(journal);
        services?.Invoke(builder.Services, builder.Configuration, keyring);
        GatewayOptions options = builder.Configuration.GetSection(GatewayOptions.Section).Get<GatewayOptions>()!;
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ConfigureMunimentListeners(options));
        if (options.TlsCert is not null)
        {
            builder.WebHost.UseKestrelHttpsConfiguration();
        }

        WebApplication app = builder.Build();
        app.MapMunimentGateway();
        routes?.Invoke(app);
        var door = new Door(app, tenants, journal);
        try
        {
            await app.StartAsync();
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }

        Uri[] addresses = [.. app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Select(address => new Uri(address))];
        (door.Http, door.OtlpGrpc, door.OtlpHttp) = (addresses[0], addresses[1], addresses[2]);
        door.Client = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }) { BaseAddress = door.Http };
        await door.TenantAsync("default");
        return door;
    }

    /// <summary>Makes a tenant with one key a role.</summary>
    public async Task TenantAsync(string name, QuotaMessage? quota = null)
    {
        TenantId tenant = TenantId.Parse(name);
        (string text, KeyMessage key) = KeyIssuer.Create(tenant, name == "default" ? Role.SuperAdmin : Role.Admin, "first", TimeProvider.System);
        await Tenants.CreateTenantAsync(new TenantMessage(name, null, null, quota ?? QuotaMessage.None, 0), key);
        _keys[(name, name == "default" ? Role.SuperAdmin : Role.Admin)] = text;
        foreach (Role role in Enum.GetValues<Role>().Where(role => role is not Role.SuperAdmin && !_keys.ContainsKey((name, role))))
        {
            await KeyAsync(name, role);
        }
    }

    /// <summary>Makes a key.</summary>
    public async Task<string> KeyAsync(string tenant, Role role, string? user = null, string? project = null, long expiresMs = 0)
    {
        (string text, KeyMessage key) = KeyIssuer.Create(TenantId.Parse(tenant), role, null, TimeProvider.System, user, project, false, expiresMs);
        await Tenants.AddKeyAsync(TenantId.Parse(tenant), key);
        _keys.TryAdd((tenant, role), text);
        return text;
    }

    public string Key(Role role, string tenant = "default") => _keys[(tenant, role)];

    /// <summary>Sends a request with a key.</summary>
    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, HttpContent? content = null, string? key = null, Uri? at = null, (string Name, string Value)? header = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(at ?? Http, path)) { Content = content };
        if (key is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }

        if (header is { } extra)
        {
            request.Headers.TryAddWithoutValidation(extra.Name, extra.Value);
        }

        return await Client.SendAsync(request);
    }

    /// <summary>Sends raw bytes and reads the answer until the server closes, or until it holds <paramref name="last"/>.</summary>
    public static async Task<string> RawAsync(Uri at, byte[] request, bool halfClose = true, string? last = null)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, at.Port);
        NetworkStream stream = client.GetStream();
        using var timeout = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        var answer = new MemoryStream();
        byte[] buffer = new byte[8192];
        try
        {
            await stream.WriteAsync(request, timeout.Token);
            if (halfClose)
            {
                client.Client.Shutdown(SocketShutdown.Send);
            }

            for (int read; (read = await stream.ReadAsync(buffer, timeout.Token)) > 0;)
            {
                answer.Write(buffer, 0, read);
                if (last is not null && System.Text.Encoding.Latin1.GetString(answer.ToArray()).Contains(last, StringComparison.Ordinal))
                {
                    break;
                }
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or SocketException)
        {
            // The server may cut the connection; what it said before counts.
        }

        return System.Text.Encoding.Latin1.GetString(answer.ToArray());
    }

    public async ValueTask DisposeAsync()
    {
        Client?.Dispose();
        await _app.DisposeAsync();
    }
}
