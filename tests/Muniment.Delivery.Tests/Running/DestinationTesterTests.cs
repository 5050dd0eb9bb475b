using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Muniment.Delivery.Configuration;
using Muniment.Delivery.Running;
using Muniment.Delivery.Storage;
using Muniment.Delivery.Testing;
using Muniment.Delivery.Tests.Fakes;

namespace Muniment.Delivery.Tests.Running;

public sealed class DestinationTesterTests : IAsyncLifetime
{
    private FakeHec _hec = null!;

    public async Task InitializeAsync() => _hec = await FakeHec.StartAsync();

    public async Task DisposeAsync() => await _hec.DisposeAsync();

    [Fact]
    public async Task A_good_destination_passes_every_step()
    {
        TestReport report = await RunAsync(_hec.Address.ToString());
        Assert.True(report.Ok);
        Assert.Equal(["resolve", "egress", "connect", "auth", "send"], report.Steps.Select(s => s.Step));
        JsonElement sent = Assert.Single(_hec.Snapshot()).GetProperty("event");
        Assert.Equal((report.EventId, report.Correlation, "destination.test"),
            (sent.GetProperty("id").GetString()!, sent.GetProperty("trace").GetProperty("correlation").GetString()!, sent.GetProperty("action").GetString()));
    }

    [Fact]
    public async Task A_rejected_credential_fails_at_auth()
    {
        _hec.Token = "other";
        await Fails("auth", "credential_rejected", _hec.Address.ToString());
    }

    [Fact]
    public async Task A_forbidden_address_fails_at_egress_whoever_listens() => await Fails("egress", "egress_refused", "http://10.1.2.3:1");

    [Fact]
    public async Task A_closed_port_fails_at_connect() => await Fails("connect", "unreachable", "http://127.0.0.1:1");

    [Fact]
    public async Task A_name_without_an_address_fails_at_resolve() => await Fails("resolve", "no address", "https://nowhere.invalid");

    [Fact]
    public async Task Tls_against_plain_text_fails_at_tls() => await Fails("tls", "transport_mismatch", _hec.Address.ToString().Replace("http://", "https://", StringComparison.Ordinal));

    [Fact]
    public async Task Http_against_something_else_fails_at_send()
    {
        using Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        Task server = Task.Run(async () =>
        {
            for (int i = 0; i < 2; i++)
            {
                using Socket connection = await listener.AcceptAsync();
                await connection.SendAsync("SSH-2.0-OpenSSH_9.2\r\n"u8.ToArray());
                byte[] rest = new byte[65536];
                try
                {
                    while (await connection.ReceiveAsync(rest) > 0)
                    {
                    }
                }
                catch (SocketException)
                {
                    // the first connection only looks whether the port is open, and reads nothing
                }
            }
        });
        await Fails("send", "transport_mismatch", $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndPoint!).Port}");
        await server.WaitAsync(Fixtures.Patience);
    }

    private static async Task Fails(string step, string detail, string endpoint)
    {
        TestReport report = await RunAsync(endpoint);
        Assert.False(report.Ok);
        TestStep last = report.Steps[^1];
        Assert.Equal((step, false), (last.Step, last.Ok));
        Assert.Contains(detail, last.Detail, StringComparison.Ordinal);
        Assert.NotNull(last.Hint);
        Assert.All(report.Steps[..^1], s => Assert.True(s.Ok));
    }

    private static Task<TestReport> RunAsync(string endpoint)
    {
        DestinationConfig config = Fixtures.Config($$$"""{"id":"d","kind":"splunk_hec","endpoint":"{{{endpoint}}}","credential":{"token":"t"}}""", out SecretBag secrets);
        DeliveryServices services = Fixtures.Services(new FakeSource(), new MemoryDestinationStore(), Path.GetTempPath());
        return new DestinationTester(services).RunAsync(Fixtures.Tenant, config, secrets, default);
    }
}
