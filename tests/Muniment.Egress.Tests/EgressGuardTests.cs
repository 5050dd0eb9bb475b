using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Muniment.Egress.Tests;

public sealed class EgressGuardTests
{
    [Theory]
    [InlineData("http://127.0.0.1/")]
    [InlineData("https://2130706433/")]
    [InlineData("https://0x7f.1/")]
    [InlineData("https://0x7f000001/")]
    [InlineData("https://0177.0.0.1/")]
    [InlineData("https://127.1/")]
    [InlineData("https://127.0.0.1./")]
    [InlineData("https://[::1]/")]
    [InlineData("https://[::ffff:7f00:1]/")]
    [InlineData("https://[::ffff:127.0.0.1]/")]
    [InlineData("https://[::ffff:127.0.0.1%25lo]/")]
    [InlineData("https://[::127.0.0.1]/")]
    [InlineData("https://[64:ff9b::127.0.0.1]/")]
    [InlineData("https://good@127.0.0.1/")]
    [InlineData("https://127。0。0。1/")]
    [InlineData("https://localhost/")]
    [InlineData("https://LOCALHOST./")]
    [InlineData("https://anything.localhost/")]
    [InlineData("https://169.254.169.254/")]
    [InlineData("https://metadata.google.internal/")]
    [InlineData("https://metadata.google.internal./")]
    [InlineData("https://0/")]
    public async Task No_spelling_reaches_a_reserved_address(string url)
    {
        FakeResolver names = new FakeResolver().With("localhost", ["127.0.0.1", "::1"]).With("LOCALHOST", ["127.0.0.1"])
            .With("anything.localhost", ["127.0.0.1"]).With("metadata.google.internal", ["8.8.8.8"]);
        using HttpClient client = Http("", names).CreateClient("acme", EgressTls.Default);
        Exception exception = await Assert.ThrowsAnyAsync<Exception>(() => client.GetAsync(new Uri(url, UriKind.Absolute)));
        EgressException? refusal = EgressException.In(exception);
        Assert.True(refusal is not null, exception.ToString());
        Assert.Equal(EgressException.RefusedText, refusal.Message);
        Assert.Equal(EgressStatus.Refused, refusal.Status);
    }

    [Fact]
    public async Task Digits_of_other_scripts_are_a_name_of_their_own_or_refused()
    {
        using HttpClient client = Http("", new FakeResolver()).CreateClient("acme", EgressTls.Default);
        Exception exception = await Assert.ThrowsAnyAsync<Exception>(() => client.GetAsync(new Uri("https://１２７.０.０.１/", UriKind.Absolute)));
        Assert.NotNull(EgressException.In(exception));
        Assert.Equal(EgressStatus.Refused, (await Guard("", new FakeResolver()).CheckAsync("acme", "１２７.０.０.１", 443, true, default)).Status);
    }

    [Theory]
    [InlineData("file:///etc/passwd")]
    [InlineData("gopher://127.0.0.1/")]
    [InlineData("unix:///var/run/docker.sock")]
    public async Task Only_http_is_spoken(string url)
    {
        using HttpClient client = Http("0.0.0.0/0", new FakeResolver()).CreateClient("acme", EgressTls.Default);
        await Assert.ThrowsAnyAsync<NotSupportedException>(() => client.GetAsync(new Uri(url)));
    }

    [Fact]
    public async Task One_reserved_address_among_public_ones_refuses_the_name()
    {
        EgressGuard guard = Guard("", new FakeResolver().With("mixed.example", ["8.8.8.8", "10.0.0.1"]).With("good.example", ["8.8.8.8", "2606:4700::1111"]));
        Assert.Equal(EgressStatus.Refused, (await guard.CheckAsync("acme", "mixed.example", 443, true, default)).Status);
        Assert.Equal(EgressStatus.Allowed, (await guard.CheckAsync("acme", "good.example", 443, true, default)).Status);
    }

    [Fact]
    public async Task A_second_answer_is_tested_again()
    {
        EgressGuard guard = Guard("", new FakeResolver().With("rebind.example", ["8.8.8.8"], ["127.0.0.1"]));
        Assert.Equal(EgressStatus.Allowed, (await guard.CheckAsync("acme", "rebind.example", 443, true, default)).Status);
        EgressException refused = await Assert.ThrowsAsync<EgressException>(async () => await guard.ConnectAsync("acme", "rebind.example", 443, true, default));
        Assert.Equal(EgressStatus.Refused, refused.Status);
    }

    [Fact]
    public async Task A_connection_resolves_once_and_goes_to_the_tested_address()
    {
        using Socket listener = Listen(out int port);
        FakeResolver names = new FakeResolver().With("siem.example", ["127.0.0.1"], ["10.255.255.1"]);
        EgressGuard guard = Guard("127.0.0.0/8", names);
        using Socket socket = await guard.ConnectAsync("acme", "siem.example", port, true, default);
        Assert.Equal(IPAddress.Loopback, ((IPEndPoint)socket.RemoteEndPoint!).Address);
        Assert.Single(names.Asked);
    }

    [Fact]
    public async Task Plain_http_needs_a_rule_even_towards_a_public_address()
    {
        FakeResolver names = new FakeResolver().With("siem.example", ["8.8.8.8"]);
        Assert.Equal(EgressStatus.Refused, (await Guard("", names).CheckAsync("acme", "siem.example", 80, false, default)).Status);
        Assert.Equal(EgressStatus.Allowed, (await Guard("8.8.8.0/24", names).CheckAsync("acme", "siem.example", 80, false, default)).Status);
    }

    [Theory]
    [InlineData("169.254.169.254")]
    [InlineData("::ffff:169.254.169.254")]
    [InlineData("64:ff9b::a9fe:a9fe")]
    [InlineData("fd00:ec2::254")]
    [InlineData("0.0.0.0")]
    public async Task Metadata_is_refused_even_when_allowed(string address)
    {
        EgressGuard guard = Guard("0.0.0.0/0,::/0", new FakeResolver());
        Assert.Equal(EgressStatus.Refused, (await guard.CheckAsync("acme", address, 80, false, default)).Status);
    }

    [Fact]
    public async Task Own_listeners_and_the_database_are_refused_even_when_allowed()
    {
        PlatformEndpoints platform = new();
        platform.AddListener(8080);
        platform.AddDatabase("db.example", 5432);
        FakeResolver names = new FakeResolver().With("db.example", ["10.0.0.5"]);
        EgressGuard guard = new(Rules("0.0.0.0/0,::/0"), platform, names);
        Assert.Equal(EgressStatus.Refused, (await guard.CheckAsync("acme", "127.0.0.1", 8080, false, default)).Status);
        Assert.Equal(EgressStatus.Refused, (await guard.CheckAsync("acme", "127.9.9.9", 8080, false, default)).Status);
        Assert.Equal(EgressStatus.Refused, (await guard.CheckAsync("acme", "::1", 8080, false, default)).Status);
        Assert.Equal(EgressStatus.Refused, (await guard.CheckAsync("acme", "10.0.0.5", 5432, false, default)).Status);
        Assert.Equal(EgressStatus.Allowed, (await guard.CheckAsync("acme", "127.0.0.1", 8081, false, default)).Status);
        Assert.Equal(EgressStatus.Allowed, (await guard.CheckAsync("acme", "10.0.0.6", 5432, false, default)).Status);
    }

    [Fact]
    public async Task A_rule_of_one_tenant_opens_nothing_to_another()
    {
        EgressGuard guard = Guard("acme=127.0.0.0/8", new FakeResolver());
        Assert.Equal(EgressStatus.Allowed, (await guard.CheckAsync("acme", "127.0.0.1", 80, false, default)).Status);
        Assert.Equal(EgressStatus.Refused, (await guard.CheckAsync("other", "127.0.0.1", 80, false, default)).Status);
    }

    [Fact]
    public async Task An_unknown_name_is_told_apart() =>
        Assert.Equal(EgressStatus.Unresolved, (await Guard("", new FakeResolver()).CheckAsync("acme", "nowhere.example", 443, true, default)).Status);

    [Fact]
    public async Task Redirects_are_not_followed_and_an_endless_answer_is_cut()
    {
        using Socket listener = Listen(out int port);
        Task server = Task.Run(async () =>
        {
            using Socket connection = await listener.AcceptAsync();
            byte[] request = new byte[4096];
            await connection.ReceiveAsync(request);
            await connection.SendAsync(Encoding.ASCII.GetBytes("HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\nSet-Cookie: a=b\r\n\r\n"));
            byte[] chunk = new byte[16 * 1024];
            try
            {
                while (true)
                {
                    await connection.SendAsync(chunk);
                }
            }
            catch (SocketException)
            {
                // the client had enough
            }
        });
        using (HttpClient client = Http("127.0.0.1", new FakeResolver()).CreateClient("acme", EgressTls.Default))
        {
            using HttpResponseMessage answer = await client.GetAsync(new Uri($"http://127.0.0.1:{port}/"), HttpCompletionOption.ResponseHeadersRead);
            Assert.Equal(HttpStatusCode.Found, answer.StatusCode);
            Assert.Equal(EgressHttp.MaxResponseBytes, (await EgressHttp.ReadBodyAsync(answer, default)).Length);
        }

        await server.WaitAsync(TimeSpan.FromMinutes(2));
    }

    [Fact]
    public void Tls_settings_name_the_wrong_field()
    {
        Assert.False(EgressTls.TryCreate("not pem", null, null, out _, out string? field));
        Assert.Equal("tls.ca_pem", field);
        Assert.False(EgressTls.TryCreate(null, "not pem", null, out _, out field));
        Assert.Equal("tls.client_key_pem", field);
        Assert.True(EgressTls.TryCreate(null, null, null, out EgressTls tls, out _));
        Assert.Same(EgressTls.Default, tls);
    }

    private static Socket Listen(out int port)
    {
        Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        port = ((IPEndPoint)listener.LocalEndPoint!).Port;
        return listener;
    }

    private static EgressHttp Http(string rules, IHostResolver names) => new(Guard(rules, names));

    private static EgressGuard Guard(string rules, IHostResolver names) => new(Rules(rules), new PlatformEndpoints(), names);

    private static ImmutableArray<EgressRule> Rules(string text)
    {
        Assert.True(EgressRule.TryParseList(text, out ImmutableArray<EgressRule> rules, out string? error), error);
        return rules;
    }
}
