using System.Collections.Immutable;
using System.Globalization;
using Muniment.Delivery.Batches;
using Muniment.Delivery.Outcomes;
using Muniment.Egress;

namespace Muniment.Delivery.Kinds.Syslog;

/// <summary>
/// Syslog over RELP: the receiver answers every message, so each is known to be taken, refused or unknown. One session stays open; the turn guards it.
/// </summary>
internal sealed class RelpSender(SenderContext context) : IDestinationSender
{
    /// <summary>Messages under way at once; librelp's own default.</summary>
    internal const int Window = 128;

    /// <summary>After this many refusals of a message that goes alone it is the message that is bad, not the receiver that is unwell.</summary>
    internal const int MaxRefusalsAlone = 5;

    /// <summary>After this many refusals of all of several messages they go in halves, to see whether it is the messages that are bad; each half is counted anew.</summary>
    internal const int MaxRefusalsTogether = 10;

    private readonly SemaphoreSlim _turn = new(1);
    private readonly EgressTls _tls = context.ReadTls();
    private RelpSession? _session;
    private (string Id, int Size, int Count) _refused = ("", 0, 0); // first message and number of those that were refused last, and how often

    public async Task<DeliveryOutcome> SendAsync(BatchSlice slice, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        bool?[] taken = new bool?[slice.Count];
        string[] words = new string[slice.Count];
        try
        {
            DeliveryOutcome? trouble = null;
            try
            {
                trouble = await SendAsync(slice, taken, words, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception exception)
            {
                await CloseAsync().ConfigureAwait(false);
                cancellationToken.ThrowIfCancellationRequested();
                trouble = exception is InvalidDataException
                    ? DeliveryOutcome.Misconfigured("the receiver does not speak RELP", "check the port: rsyslog needs imrelp; plain syslog is tcp:// or tls://", ReasonCode.TransportMismatch)
                    : SyslogConnection.OutcomeOf(exception);
            }

            if (trouble is not null)
            {
                await CloseAsync().ConfigureAwait(false);
            }

            return Sum(slice, taken, words, trouble);
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

    private async Task<DeliveryOutcome?> SendAsync(BatchSlice slice, bool?[] taken, string[] words, CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(EgressHttp.AttemptTimeout);
        if (_session is null)
        {
            _session = new RelpSession(await SyslogConnection.OpenAsync(context, _tls, limit.Token).ConfigureAwait(false));
            if (await _session.OpenAsync(limit.Token).ConfigureAwait(false) is not { } answer)
            {
                return Closed;
            }

            if (answer is not { Command: "rsp", Status: 200 })
            {
                return DeliveryOutcome.Misconfigured("the receiver refused the RELP session: " + HttpOutcome.Clean(answer.Data.Split('\n')[0]), "check the receiver's log", status: answer.Status);
            }
        }

        using BatchBuffer frames = new();
        Dictionary<int, int> open = [];
        for (int next = 0; next < slice.Count || open.Count > 0;)
        {
            if (open.Count <= Window / 2 && next < slice.Count)
            {
                frames.Truncate(0);
                while (open.Count < Window && next < slice.Count)
                {
                    open.Add(_session.Next("syslog"u8, slice.BytesOf(next).Span, frames), next);
                    next++;
                }

                await _session.WriteAsync(frames.Written, limit.Token).ConfigureAwait(false);
            }

            if (await _session.ReadAsync(limit.Token).ConfigureAwait(false) is not { } answer || answer.Command == "serverclose")
            {
                return Closed;
            }

            if (answer.Command != "rsp" || !open.Remove(answer.Number, out int index))
            {
                throw new InvalidDataException("an answer to nothing");
            }

            taken[index] = answer.Status == 200;
            words[index] = HttpOutcome.Clean(answer.Data.Split('\n')[0]);
            limit.CancelAfter(EgressHttp.AttemptTimeout); // it goes on
        }

        return null;
    }

    private static DeliveryOutcome Closed => DeliveryOutcome.RetryLater(ReasonCode.Unreachable, "the receiver closed the session before it had answered every message", "check the receiver's log");

    private DeliveryOutcome Sum(BatchSlice slice, bool?[] taken, string[] words, DeliveryOutcome? trouble)
    {
        int good = taken.Count(t => t == true);
        if (good == slice.Count)
        {
            return DeliveryOutcome.Delivered(string.Create(CultureInfo.InvariantCulture, $"{good} messages answered with 200"));
        }

        if (good == 0)
        {
            return trouble ?? AllRefused(slice, words);
        }

        ImmutableArray<ItemRejection> refused = [.. Positions(taken, false).Select(i => new ItemRejection(i, words[i]))];
        ImmutableArray<int> again = [.. Positions(taken, null)];
        string message = trouble?.Message ?? words[refused[0].Index];
        return DeliveryOutcome.Partial(string.Create(CultureInfo.InvariantCulture, $"{good} messages answered with 200, {refused.Length} refused, {again.Length} not answered"), message, refused, again);
    }

    /// <summary>Nothing was taken, so nothing shows that it is the messages' fault.</summary>
    private DeliveryOutcome AllRefused(BatchSlice slice, string[] words)
    {
        _refused = (slice[0].Id, slice.Count, _refused.Id == slice[0].Id && _refused.Size == slice.Count ? _refused.Count + 1 : 1);
        if (_refused.Count >= (slice.Count == 1 ? MaxRefusalsAlone : MaxRefusalsTogether))
        {
            return DeliveryOutcome.BadRecord(words[0]);
        }

        return DeliveryOutcome.RetryLater(ReasonCode.DestinationError, "the receiver refused every message: " + words[0], "check the receiver's log");
    }

    private static IEnumerable<int> Positions(bool?[] taken, bool? wanted) => Enumerable.Range(0, taken.Length).Where(i => taken[i] == wanted);

    private async ValueTask CloseAsync()
    {
        RelpSession? session = _session;
        _session = null;
        if (session is not null)
        {
            await session.DisposeAsync().ConfigureAwait(false);
        }
    }
}
