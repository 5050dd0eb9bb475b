using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Muniment.Delivery.Outcomes;
using Muniment.Delivery.Tests.Kinds.Syslog;

namespace Muniment.Delivery.Tests.Faults;

public sealed class SyslogFaults
{
    public static TheoryData<Fault> StreamCases => FaultTable.CasesOf(new SyslogStreamAdapter());

    public static TheoryData<Fault> RelpCases => FaultTable.CasesOf(new SyslogRelpAdapter());

    [Theory]
    [MemberData(nameof(StreamCases))]
    public Task Stream_survives(Fault fault) => FaultTable.RunAsync(new SyslogStreamAdapter(), fault);

    [Theory]
    [MemberData(nameof(RelpCases))]
    public Task Relp_survives(Fault fault) => FaultTable.RunAsync(new SyslogRelpAdapter(), fault);
}

/// <summary>A receiver on a plain socket or TLS; a derived class reads what comes over one connection.</summary>
internal abstract class SyslogAdapter : FaultAdapter
{
    private readonly CancellationTokenSource _stop = new();
    private Socket? _listener;
    private int _connections;

    public override string Kind => "syslog";

    protected abstract string Scheme(bool secure);

    protected abstract Task ServeAsync(Socket socket, Stream stream, int number, CancellationToken cancellationToken);

    public override JsonObject Configuration(string root, bool renewed) =>
        new() { ["kind"] = Kind, ["endpoint"] = Scheme(root.StartsWith("https", StringComparison.Ordinal)) + root[root.IndexOf("://", StringComparison.Ordinal)..], ["options"] = new JsonObject { ["confirm"] = "close" } };

    public override Task ListenAsync(Func<X509Certificate2>? certificate)
    {
        _listener = TakeSocket();
        _listener.Listen();
        _ = Task.Run(async () =>
        {
            while (!_stop.IsCancellationRequested)
            {
                Socket socket = await _listener.AcceptAsync(_stop.Token);
                _ = GuardedAsync(socket, certificate);
            }
        });
        return Task.CompletedTask;
    }

    public override async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener?.Dispose();
        await base.DisposeAsync();
    }

    protected static void Reset(Socket socket)
    {
        socket.LingerState = new LingerOption(true, 0);
        socket.Close();
    }

    protected void Take(byte[] message)
    {
        Rfc5424 read = Rfc5424.Parse(message);
        Take("e" + read.Data["muniment@32473"]["seq"], message);
    }

    protected string KeyOf(byte[] message) => "e" + Rfc5424.Parse(message).Data["muniment@32473"]["seq"];

    private async Task GuardedAsync(Socket socket, Func<X509Certificate2>? certificate)
    {
        using (socket)
        {
            try
            {
                int number = Interlocked.Increment(ref _connections);
                if (Current == Fault.Reset)
                {
                    Reset(socket);
                    return;
                }

                Stream stream = new NetworkStream(socket);
                if (certificate is not null)
                {
                    SslStream ssl = new(stream);
                    await ssl.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate() }, _stop.Token);
                    stream = ssl;
                }

                await ServeAsync(socket, stream, number, _stop.Token);
            }
            catch (Exception exception) when (exception is RefusedException or KeyNotFoundException)
            {
                Wrong.Enqueue(exception.Message);
            }
            catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException or ObjectDisposedException or System.Security.Authentication.AuthenticationException)
            {
                // the client went away, which the table looks at from its side
            }
        }
    }
}

/// <summary>TCP and TLS with <c>confirm: close</c>: a batch is one connection, and closing it in peace is the only answer. Without it there is no answer that a fault could spoil.</summary>
internal sealed class SyslogStreamAdapter : SyslogAdapter
{
    private const string NoAnswer = "syslog over TCP has no answers";
    private const string NoCredential = "no credential but a client certificate, which SyslogTlsTests looks at";

    public override IReadOnlyDictionary<Fault, string> NotApplicable { get; } = new Dictionary<Fault, string>
    {
        [Fault.RetryAfterSeconds] = NoAnswer, [Fault.RetryAfterDate] = NoAnswer, [Fault.ServerErrors] = NoAnswer, [Fault.TooLarge] = NoAnswer, [Fault.TooLargeAlone] = "long messages are cut before they are sent",
        [Fault.CredentialRestored] = NoCredential, [Fault.CredentialReplaced] = NoCredential, [Fault.Poison] = NoAnswer, [Fault.Partial] = NoAnswer, [Fault.Redirect] = NoAnswer, [Fault.HugeAnswer] = NoAnswer,
    };

    protected override string Scheme(bool secure) => secure ? "tls" : "tcp";

    protected override async Task ServeAsync(Socket socket, Stream stream, int number, CancellationToken cancellationToken)
    {
        Fault? fault = Current;
        if (fault == Fault.FlipFlop && number % 3 != 0)
        {
            Reset(socket);
            return;
        }

        using MemoryStream all = new();
        await stream.CopyToAsync(all, cancellationToken);
        if (all.Length == 0)
        {
            return; // looked and left, as the connection test does
        }

        for (int written = 0; fault == Fault.EndlessAnswer && Current == fault; written++)
        {
            await stream.WriteAsync(" "u8.ToArray(), cancellationToken);
            if (written == 10)
            {
                Hang();
            }

            await Task.Delay(10, cancellationToken);
        }

        if (fault == Fault.EndlessAnswer)
        {
            Reset(socket); // a quiet end would say that it was read
            return;
        }

        foreach (byte[] frame in Rfc5424.Frames(all.ToArray()))
        {
            Take(frame);
        }

        switch (fault)
        {
            case Fault.ResetAfterTaken:
                Reset(socket);
                break;
            case Fault.BlackHole:
                Hang();
                await Task.Delay(Timeout.Infinite, cancellationToken);
                break;
            case Fault.SlowAnswer:
                await Task.Delay(100, cancellationToken);
                break;
        }

        if (stream is SslStream ssl)
        {
            await ssl.ShutdownAsync();
        }
    }
}

/// <summary>RELP: each message is answered.</summary>
internal sealed class SyslogRelpAdapter : SyslogAdapter
{
    private const string NoSuchAnswer = "RELP answers 200 or 500 for each message and nothing else";
    private int _chunks;

    public override IReadOnlyDictionary<Fault, string> NotApplicable { get; } = new Dictionary<Fault, string>
    {
        [Fault.RetryAfterSeconds] = NoSuchAnswer, [Fault.RetryAfterDate] = NoSuchAnswer, [Fault.TooLarge] = NoSuchAnswer, [Fault.TooLargeAlone] = "long messages are cut before they are sent",
        [Fault.CredentialRestored] = "RELP has no credential", [Fault.CredentialReplaced] = "RELP has no credential", [Fault.Redirect] = NoSuchAnswer,
        [Fault.EndlessAnswer] = "an answer has a length; a longer one is another protocol, which RelpTests looks at", [Fault.HugeAnswer] = "as EndlessAnswer",
    };

    public override Expectation Expect(Fault fault) => fault == Fault.Poison ? new Expectation(OutcomeKind.Partial, null) : base.Expect(fault);

    protected override string Scheme(bool secure) => "relp";

    protected override async Task ServeAsync(Socket socket, Stream stream, int number, CancellationToken cancellationToken)
    {
        Relp relp = new();
        byte[] buffer = new byte[1 << 16];
        while (await stream.ReadAsync(buffer, cancellationToken) is > 0 and var read)
        {
            relp.Feed(buffer.AsSpan(0, read));
            List<byte> answers = [];
            int turn = 0;
            while (relp.Next() is var (transaction, command, data))
            {
                if (command == "open")
                {
                    answers.AddRange(Relp.Answer(transaction, "200 OK\nrelp_version=0\nrelp_software=fake\ncommands=syslog"));
                    continue;
                }

                turn = turn == 0 ? ++_chunks : turn;
                if (Current == Fault.FlipFlop && turn % 3 == 2)
                {
                    Reset(socket);
                    return;
                }

                if (Current == Fault.ServerErrors || (Current == Fault.FlipFlop && turn % 3 == 1))
                {
                    answers.AddRange(Relp.Answer(transaction, "500 queue is full"));
                    continue;
                }

                if (Poison.ContainsKey(KeyOf(data)) || TakePartial())
                {
                    answers.AddRange(Relp.Answer(transaction, "500 cannot be read"));
                    continue;
                }

                Take(data);
                answers.AddRange(Relp.Answer(transaction, "200 OK"));
            }

            if (turn > 0 && Current == Fault.ResetAfterTaken)
            {
                Reset(socket);
                return;
            }

            if (turn > 0 && Current == Fault.BlackHole)
            {
                Hang();
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }

            if (turn > 0 && Current == Fault.SlowAnswer)
            {
                await Task.Delay(100, cancellationToken);
            }

            await stream.WriteAsync(answers.ToArray(), cancellationToken);
        }
    }
}
