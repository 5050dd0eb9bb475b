using System.Globalization;
using Muniment.Delivery.Batches;
using Muniment.Delivery.Outcomes;
using Muniment.Egress;

namespace Muniment.Delivery.Kinds.Syslog;

/// <summary>
/// Syslog over TCP or TLS. The protocol has no acknowledgement, so one of two things stands in for it:
/// <list type="bullet">
/// <item><c>tcp</c> (default, what every receiver knows): one connection for all; a batch counts when the receiver's kernel has acknowledged each byte and the connection stands.
/// What a dying receiver had not read yet is lost.</item>
/// <item><c>close</c>: a connection a batch; we end our direction and wait until the receiver ends its own in order, which it does once it has read everything. A receiver that
/// dies with bytes unread resets instead, and the batch is sent again.</item>
/// </list>
/// One request at a time; the turn guards the connection.
/// </summary>
internal sealed class StreamSender(SenderContext context) : IDestinationSender
{
    /// <summary>
    /// Under TLS 1.3 our side of the handshake ends before the receiver has looked at our certificate. Receivers then send session tickets, or an alert: so much time they get,
    /// before the first batch goes out on trust.
    /// </summary>
    private static readonly TimeSpan TicketPatience = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan LongestPoll = TimeSpan.FromMilliseconds(50);

    private readonly SemaphoreSlim _turn = new(1);
    private readonly EgressTls _tls = context.ReadTls();
    private readonly bool _byClose = context.Config.Text("confirm") == "close";
    private readonly byte[] _ignored = new byte[256];
    private SyslogConnection? _connection;
    private Task<int>? _watch;

    public async Task<DeliveryOutcome> SendAsync(BatchSlice slice, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(EgressHttp.AttemptTimeout);
            DeliveryOutcome outcome = _byClose
                ? await SendAndCloseAsync(slice, limit.Token).ConfigureAwait(false)
                : await SendAndStayAsync(slice, limit.Token).ConfigureAwait(false);
            return outcome;
        }
        catch (Exception exception)
        {
            await CloseAsync().ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            return SyslogConnection.OutcomeOf(exception);
        }
        finally
        {
            _turn.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync().ConfigureAwait(false);
        _tls.Dispose();
        _turn.Dispose();
    }

    private async Task<DeliveryOutcome> SendAndCloseAsync(BatchSlice slice, CancellationToken cancellationToken)
    {
        ReadOnlyMemory<byte> bytes = slice.Concatenate();
        SyslogConnection connection = await SyslogConnection.OpenAsync(context, _tls, cancellationToken).ConfigureAwait(false);
        await using (connection.ConfigureAwait(false))
        {
            await connection.Stream.WriteAsync(bytes, cancellationToken).ConfigureAwait(false);
            await connection.EndAsync().ConfigureAwait(false);
            try
            {
                for (int answered = 0; ;)
                {
                    int read = await connection.Stream.ReadAsync(_ignored, cancellationToken).ConfigureAwait(false);
                    answered += read;
                    if (read == 0 && !connection.EndedInOrder())
                    {
                        return DeliveryOutcome.RetryLater(ReasonCode.Unreachable, "the receiver closed the connection before it had read to the end",
                            "check the receiver's log, and over TLS whether it asks for a client certificate; a receiver that does not close in order needs options.confirm tcp");
                    }

                    if (read == 0)
                    {
                        return DeliveryOutcome.Delivered(string.Create(CultureInfo.InvariantCulture, $"{slice.Count} messages, {bytes.Length} bytes, read to the end by the receiver"));
                    }

                    if (answered > EgressHttp.MaxResponseBytes)
                    {
                        return DeliveryOutcome.Misconfigured("the receiver talks back, which a syslog receiver does not", "check the port; for RELP use relp://", ReasonCode.TransportMismatch);
                    }
                }
            }
            catch (OperationCanceledException)
            {
                return DeliveryOutcome.RetryLater(ReasonCode.Unreachable, "the receiver did not close the connection after the last message, so it is unknown what it read",
                    "a receiver that never closes needs options.confirm tcp");
            }
        }
    }

    private async Task<DeliveryOutcome> SendAndStayAsync(BatchSlice slice, CancellationToken cancellationToken)
    {
        if (_watch is { IsCompleted: true })
        {
            await CloseAsync().ConfigureAwait(false);
        }

        if (_connection is null)
        {
            _connection = await SyslogConnection.OpenAsync(context, _tls, cancellationToken).ConfigureAwait(false);
            long received = _connection.Received;
            _watch = _connection.Stream.ReadAsync(_ignored, CancellationToken.None).AsTask(); // ends when the receiver closes, fails on an alert
            long started = context.Time.GetTimestamp();
            while (_connection.IsSecure && _connection.Received == received && !_watch.IsCompleted && context.Time.GetElapsedTime(started) < TicketPatience)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(5), cancellationToken).ConfigureAwait(false);
            }

            if (_watch.IsCompleted)
            {
                return await DeadAsync().ConfigureAwait(false);
            }
        }

        ReadOnlyMemory<byte> bytes = slice.Concatenate();
        await _connection.Stream.WriteAsync(bytes, cancellationToken).ConfigureAwait(false);
        TimeSpan pause = TimeSpan.FromMilliseconds(1);
        while (true)
        {
            bool? acknowledged = TcpState.IsAcknowledged(_connection.Socket);
            if (acknowledged is null || _watch!.IsCompleted)
            {
                return await DeadAsync().ConfigureAwait(false);
            }

            if (acknowledged == true)
            {
                return DeliveryOutcome.Delivered(string.Create(CultureInfo.InvariantCulture, $"{slice.Count} messages, {bytes.Length} bytes, acknowledged by the receiver's TCP"));
            }

            await Task.Delay(pause, cancellationToken).ConfigureAwait(false);
            pause = pause * 2 > LongestPoll ? LongestPoll : pause * 2;
        }
    }

    private async Task<DeliveryOutcome> DeadAsync()
    {
        await _watch!.ConfigureAwait(false); // throws what the connection died of, if it did
        await CloseAsync().ConfigureAwait(false);
        return DeliveryOutcome.RetryLater(ReasonCode.Unreachable, "the receiver closed the connection while a batch was under way", "check the receiver's log");
    }

    private async ValueTask CloseAsync()
    {
        SyslogConnection? connection = _connection;
        Task<int>? watch = _watch;
        (_connection, _watch) = (null, null);
        if (connection is not null)
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            _ = watch?.ContinueWith(ended => ended.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default); // seen, so that nobody reports it
        }
    }
}
