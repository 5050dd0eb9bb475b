using System.Collections.Immutable;
using System.Net.Security;
using System.Net.Sockets;
using System.Text.Json;
using Muniment.Delivery.Batches;
using Muniment.Delivery.Configuration;
using Muniment.Delivery.Kinds;
using Muniment.Delivery.Outcomes;
using Muniment.Delivery.Running;
using Muniment.Egress;
using Muniment.Events;
using Muniment.Events.Canonical;

namespace Muniment.Delivery.Testing;

/// <summary>
/// Tries a destination step by step: resolve, egress, connect, tls (of https), auth and send with one marked event, search where the kind can. The event is not in the journal;
/// it has no marks and the action <c>destination.test</c>.
/// </summary>
public sealed class DestinationTester(DeliveryServices services)
{
    /// <summary>Longest a whole test may take.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    /// <summary>Runs the steps.</summary>
    public async Task<TestReport> RunAsync(TenantId tenant, DestinationConfig config, SecretBag secrets, CancellationToken cancellationToken)
    {
        string id = Guid.CreateVersion7(services.Time.GetUtcNow()).ToString("D");
        string correlation = "test-" + Guid.NewGuid().ToString("N")[..16];
        ImmutableArray<TestStep>.Builder steps = ImmutableArray.CreateBuilder<TestStep>();
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);
        IDestinationKind kind = services.Kinds.Find(config.Kind)!;
        bool ok = kind.Address(config) is not { } address || await ReachAsync(tenant, address, config, secrets, steps, limit.Token).ConfigureAwait(false);
        ok = ok && await SendAsync(tenant, config, secrets, kind, id, correlation, steps, limit.Token).ConfigureAwait(false);
        return new TestReport(ok, steps.ToImmutable(), id, correlation);
    }

    private async Task<bool> ReachAsync(TenantId tenant, Uri url, DestinationConfig config, SecretBag secrets, ImmutableArray<TestStep>.Builder steps, CancellationToken cancellationToken)
    {
        bool secure = url.Scheme is "https" or "tls";
        long started = services.Time.GetTimestamp();
        EgressVerdict verdict = await services.Http.Guard.CheckAsync(tenant.Value, url.IdnHost, url.Port, secure, cancellationToken).ConfigureAwait(false);
        if (verdict.Status == EgressStatus.Unresolved)
        {
            steps.Add(Step("resolve", false, started, EgressException.UnresolvedText, "check the host name in endpoint"));
            return false;
        }

        steps.Add(Step("resolve", true, started, null, null));
        if (verdict.Status == EgressStatus.Refused)
        {
            DeliveryOutcome refused = HttpOutcome.OfException(new EgressException(EgressStatus.Refused));
            steps.Add(Step("egress", false, started, $"{refused.Code}: {refused.Message}", refused.Hint));
            return false;
        }

        steps.Add(Step("egress", true, started, null, null));
        started = services.Time.GetTimestamp();
        Socket socket;
        try
        {
            using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(EgressGuard.ConnectTimeout);
            socket = await services.Http.Guard.ConnectAsync(tenant.Value, url.IdnHost, url.Port, secure, limit.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is SocketException or IOException or OperationCanceledException)
        {
            DeliveryOutcome failed = exception is SocketException { SocketErrorCode: SocketError.ConnectionRefused }
                ? DeliveryOutcome.RetryLater(ReasonCode.Unreachable, "connection refused", "check the port, and that the destination is up")
                : HttpOutcome.OfException(exception);
            steps.Add(Step("connect", false, started, $"{failed.Code}: {failed.Message}", failed.Hint));
            return false;
        }

        using (socket)
        {
            steps.Add(Step("connect", true, started, null, null));
            return !secure || await HandshakeAsync(socket, url, config, secrets, steps, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<bool> HandshakeAsync(Socket socket, Uri url, DestinationConfig config, SecretBag secrets, ImmutableArray<TestStep>.Builder steps, CancellationToken cancellationToken)
    {
        long started = services.Time.GetTimestamp();
        try
        {
            EgressTls.TryCreate(config.AuthorityPem, config.ClientCertificatePem, secrets.Find("tls.client_key_pem"), out EgressTls tls, out _);
            await using SslStream stream = new(new NetworkStream(socket));
            SslClientAuthenticationOptions options = EgressHttp.SslOptions(tls);
            options.TargetHost = url.IdnHost;
            await stream.AuthenticateAsClientAsync(options, cancellationToken).ConfigureAwait(false);
            steps.Add(Step("tls", true, started, stream.SslProtocol.ToString(), null));
            return true;
        }
        catch (Exception exception) when (exception is IOException or System.Security.Authentication.AuthenticationException or OperationCanceledException)
        {
            DeliveryOutcome failed = exception is OperationCanceledException ? HttpOutcome.OfException(exception) : HttpOutcome.OfTls(exception);
            steps.Add(Step("tls", false, started, $"{failed.Code}: {failed.Message}", failed.Hint));
            return false;
        }
    }

    private async Task<bool> SendAsync(
        TenantId tenant, DestinationConfig config, SecretBag secrets, IDestinationKind kind, string id, string correlation, ImmutableArray<TestStep>.Builder steps, CancellationToken cancellationToken)
    {
        long started = services.Time.GetTimestamp();
        DestinationConfig events = config.IsRaw ? config with { Streams = StreamNames.Events, Format = kind.Formats[0] } : config;
        using Batch batch = Render(tenant, events, kind, id, correlation);
        IDestinationSender sender = services.Sender(tenant, events, secrets);
        await using (sender.ConfigureAwait(false))
        {
            DeliveryOutcome outcome;
            try
            {
                outcome = await sender.SendAsync(new BatchSlice(batch, batch.Items[0].Group, 0, 1), cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException exception)
            {
                outcome = HttpOutcome.OfException(exception);
            }

            if (outcome.Kind == OutcomeKind.CredentialRejected)
            {
                steps.Add(Step("auth", false, started, $"{outcome.Code}: {outcome.Message}", outcome.Hint));
                return false;
            }

            bool took = outcome.Kind == OutcomeKind.Delivered;
            if (kind.Credentials.Length > 0 && (took || outcome.Status is not null))
            {
                steps.Add(Step("auth", true, started, null, null));
            }

            steps.Add(Step("send", took, started, took ? outcome.Response : $"{outcome.Code}: {outcome.Message}", took ? null : outcome.Hint));
            if (!took)
            {
                return false;
            }

            started = services.Time.GetTimestamp();
            if (await sender.SearchAsync(id, cancellationToken).ConfigureAwait(false) is { } search)
            {
                steps.Add(Step(
                    "search", search.Found, started, search.Found ? "found" : search.Detail ?? "the event was taken and is not there yet",
                    search.Found ? null : search.Hint ?? "check where the destination keeps it, and look again: some need minutes"));
                return search.Found;
            }

            return true;
        }
    }

    private Batch Render(TenantId tenant, DestinationConfig config, IDestinationKind kind, string id, string correlation)
    {
        long now = (services.Time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;
        CanonicalEvent value = new()
        {
            Id = id, Seq = -1, TimeNs = now, ReceivedNs = now, Kind = EntryKind.Event, Stream = "system", Actor = new ActorPart { Id = "muniment", Type = "service" },
            Action = "destination.test", Target = config.Id, Result = "info", Reason = "connection test asked for by an administrator", Trace = new TracePart { Correlation = correlation },
            Source = new SourcePart { Receiver = "platform" }, Details = JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, bool> { ["test"] = true }),
        };
        BatchBuffer buffer = new();
        IEventRenderer renderer = kind.CreateRenderer(new RenderContext(services.Origin(tenant), tenant.Value, config, services.Projection(tenant)));
        byte group = renderer.Render(new OutgoingEvent(default, value, id, default, 0, -1), buffer);
        BatchItems items = new(1);
        items.Add(new BatchItem(-1, -1, id, 0, buffer.Length, group) { ReceivedNs = now });
        return new Batch(buffer)
        {
            First = 0, Last = 0, Items = items, LeftOut = default, Digest = default, Full = false,
        };
    }

    private TestStep Step(string name, bool ok, long started, string? detail, string? hint) =>
        new(name, ok, Math.Round(services.Time.GetElapsedTime(started).TotalMilliseconds, 2), detail, hint);
}
