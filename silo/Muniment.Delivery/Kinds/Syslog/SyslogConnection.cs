using System.Net.Security;
using System.Net.Sockets;
using Muniment.Delivery.Outcomes;
using Muniment.Egress;

namespace Muniment.Delivery.Kinds.Syslog;

/// <summary>One connection to a receiver, made through the egress guard.</summary>
internal sealed class SyslogConnection(Socket socket, EndSeeingStream raw, Stream stream) : IAsyncDisposable
{
    public Stream Stream { get; } = stream;

    public Socket Socket { get; } = socket;

    public static async Task<SyslogConnection> OpenAsync(SenderContext context, EgressTls tls, CancellationToken cancellationToken)
    {
        Uri target = new(context.Config.Endpoint);
        bool secure = SyslogKind.IsSecure(context.Config);
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(EgressGuard.ConnectTimeout);
        Socket socket = await context.Http.Guard.ConnectAsync(context.Tenant, target.IdnHost, target.Port, secure, limit.Token).ConfigureAwait(false);
        EndSeeingStream raw = new(new NetworkStream(socket, ownsSocket: true));
        Stream stream = raw;
        if (secure)
        {
            SslStream ssl = new(raw);
            try
            {
                SslClientAuthenticationOptions options = EgressHttp.SslOptions(tls);
                options.TargetHost = target.IdnHost;
                options.AllowTlsResume = false; // rsyslog breaks off resumed sessions
                await ssl.AuthenticateAsClientAsync(options, limit.Token).ConfigureAwait(false);
            }
            catch
            {
                await ssl.DisposeAsync().ConfigureAwait(false);
                throw;
            }

            stream = ssl;
        }

        return new SyslogConnection(socket, raw, stream);
    }

    /// <summary>Bytes that the receiver has sent, those of TLS itself included.</summary>
    public long Received => raw.Received;

    public bool IsSecure => Stream is SslStream;

    /// <summary>Says that nothing more comes; the other direction stays open. The end inside TLS and that of TCP go out together: a receiver that closes as soon as it reads the former would be ahead of the latter.</summary>
    public async Task EndAsync()
    {
        if (Stream is SslStream ssl)
        {
            TcpState.HoldBack(Socket);
            await ssl.ShutdownAsync().ConfigureAwait(false);
        }

        Socket.Shutdown(SocketShutdown.Send);
    }

    /// <summary>
    /// Whether the end that was read proves that the receiver had read ours: under TLS it must have said so inside TLS, and TCP must have ended in order, ours before theirs.
    /// A receiver that closes early, or breaks TLS off without a word, ends its side too.
    /// </summary>
    public bool EndedInOrder() => (Stream is not SslStream || !raw.SawEnd) && TcpState.EndedInOrder(Socket);

    /// <summary>What a failed exchange means.</summary>
    public static DeliveryOutcome OutcomeOf(Exception exception) => exception is SocketException { SocketErrorCode: SocketError.ConnectionRefused }
        ? DeliveryOutcome.RetryLater(ReasonCode.Unreachable, "connection refused", "check the port, and that the receiver is up")
        : HttpOutcome.OfException(exception);

    public ValueTask DisposeAsync() => Stream.DisposeAsync();
}
