using Muniment.Delivery.Batches;
using Muniment.Delivery.Configuration;
using Muniment.Delivery.Outcomes;
using Muniment.Egress;

namespace Muniment.Delivery.Kinds;

/// <summary>Sends requests of one destination. Never throws for what the other side does: that is an outcome. May be called for several slices at once.</summary>
public interface IDestinationSender : IAsyncDisposable
{
    /// <summary>Sends the events of one request and reads the answer.</summary>
    Task<DeliveryOutcome> SendAsync(BatchSlice slice, CancellationToken cancellationToken);

    /// <summary>Looks for a test event at the destination; null when this kind cannot search with what it has.</summary>
    Task<SearchAnswer?> SearchAsync(string eventId, CancellationToken cancellationToken) => Task.FromResult<SearchAnswer?>(null);
}

/// <summary>What a sender may use.</summary>
/// <param name="Tenant">On whose behalf.</param>
/// <param name="Config">The newest configuration.</param>
/// <param name="Secrets">Its secrets.</param>
/// <param name="Http">Makes clients behind the egress guard.</param>
/// <param name="ExportDirectory">Folder <c>export</c> of the data directory.</param>
/// <param name="Time">Clock.</param>
public sealed record SenderContext(string Tenant, DestinationConfig Config, SecretBag Secrets, EgressHttp Http, string ExportDirectory, TimeProvider Time)
{
    /// <summary>Whether the process's own credentials may be used for this tenant.</summary>
    public bool MayUseAmbient { get; init; }

    /// <summary>A client with the destination's TLS settings.</summary>
    public HttpClient CreateClient() => Http.CreateClient(Tenant, ReadTls());

    /// <summary>
    /// A client for a login service. The destination's authority and client certificate are its own and not for others, so the system's trust is used, unless the login
    /// service is the destination's own address (as STS is at some S3-compatible stores).
    /// </summary>
    public HttpClient CreateLoginClient(Uri login) =>
        Uri.TryCreate(Config.Endpoint, UriKind.Absolute, out Uri? own) && Uri.Compare(own, login, UriComponents.SchemeAndServer, UriFormat.Unescaped, StringComparison.OrdinalIgnoreCase) == 0
            ? CreateClient()
            : Http.CreateClient(Tenant, EgressTls.Default);

    /// <summary>The destination's TLS settings. The caller disposes them.</summary>
    public EgressTls ReadTls() =>
        EgressTls.TryCreate(Config.AuthorityPem, Config.ClientCertificatePem, Secrets.Find("tls.client_key_pem"), out EgressTls tls, out _)
            ? tls
            : throw new InvalidDataException("stored TLS settings cannot be read");
}
