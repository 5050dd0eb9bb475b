using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Muniment.Egress;

/// <summary>Makes HTTP clients whose every connection goes through <see cref="EgressGuard"/>: no redirects, proxies, cookies, or decompression.</summary>
public sealed class EgressHttp(EgressGuard guard)
{
    /// <summary>Longest one attempt may take, from connecting to the last byte read of the answer.</summary>
    public static readonly TimeSpan AttemptTimeout = TimeSpan.FromSeconds(30);

    /// <summary>Most bytes read of an answer; the rest is not wanted.</summary>
    public const int MaxResponseBytes = 64 * 1024;

    /// <summary>The guard in use.</summary>
    public EgressGuard Guard { get; } = guard;

    /// <summary>A client for one tenant and one set of TLS settings. The caller keeps it as long as the destination's settings stay the same, and disposes it.</summary>
    public HttpClient CreateClient(string tenant, EgressTls tls) => new(CreateHandler(tenant, tls), disposeHandler: true) { Timeout = Timeout.InfiniteTimeSpan };

    /// <summary>The same as a handler, for a library that wants to make the client itself.</summary>
    public SocketsHttpHandler CreateHandler(string tenant, EgressTls tls) =>
        new()
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.None,
            ConnectTimeout = EgressGuard.ConnectTimeout,
            PooledConnectionLifetime = TimeSpan.FromMinutes(2), // a changed DNS answer is tested again
            KeepAlivePingDelay = TimeSpan.FromSeconds(20), // HTTP/2: a connection that died silently is found before its lifetime ends; only while a request waits
            KeepAlivePingTimeout = TimeSpan.FromSeconds(10),
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(50),
            MaxConnectionsPerServer = 32,
            MaxResponseHeadersLength = 32, // KiB
            MaxResponseDrainSize = MaxResponseBytes,
            ActivityHeadersPropagator = null,
            SslOptions = SslOptions(tls),
            ConnectCallback = async (context, cancellationToken) =>
            {
                bool secure = context.InitialRequestMessage.RequestUri?.Scheme == Uri.UriSchemeHttps;
                Socket socket = await Guard.ConnectAsync(tenant, context.DnsEndPoint.Host, context.DnsEndPoint.Port, secure, cancellationToken).ConfigureAwait(false);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };

    /// <summary>At most <paramref name="maxBytes"/> of an answer's body; more than the default only for a protocol that answers about every record.</summary>
    public static async ValueTask<byte[]> ReadBodyAsync(HttpResponseMessage response, CancellationToken cancellationToken, int maxBytes = MaxResponseBytes)
    {
        await using Stream stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        byte[] buffer = new byte[Math.Min(maxBytes, (int)Math.Min(response.Content.Headers.ContentLength ?? 4096, maxBytes))];
        int filled = 0;
        while (true)
        {
            if (filled == buffer.Length)
            {
                if (filled == maxBytes || filled == response.Content.Headers.ContentLength)
                {
                    break;
                }

                Array.Resize(ref buffer, Math.Min(Math.Max(buffer.Length * 2, 1024), maxBytes));
            }

            int read = await stream.ReadAsync(buffer.AsMemory(filled), cancellationToken).ConfigureAwait(false);
            if (read == 0)
            {
                break;
            }

            filled += read;
        }

        return buffer[..filled];
    }

    /// <summary>How TLS is spoken: 1.2 or 1.3, the own authority where one is given.</summary>
    public static SslClientAuthenticationOptions SslOptions(EgressTls tls)
    {
        SslClientAuthenticationOptions options = new() { EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13 };
        if (tls.Authorities is { } authorities)
        {
            X509ChainPolicy policy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            policy.CustomTrustStore.AddRange(authorities);
            options.CertificateChainPolicy = policy;
        }

        if (tls.Client is { } client)
        {
            options.ClientCertificateContext = SslStreamCertificateContext.Create(client, null, offline: true);
        }

        return options;
    }
}
