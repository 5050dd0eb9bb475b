using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Muniment.Gateway.Hosting;

/// <summary>Kestrel's three ports and their limits.</summary>
public static class MunimentListeners
{
    private const int ConnectionWindowBytes = 4 << 20;
    private const int StreamWindowBytes = 1 << 20;

    /// <summary>
    /// Opens the ports of <paramref name="options"/>. OTLP/gRPC has its own: without TLS a port cannot tell HTTP/2 from HTTP/1.1, and clients come with prior
    /// knowledge. Call <see cref="ListenerSafety.Refuse"/> first.
    /// </summary>
    public static void ConfigureMunimentListeners(this KestrelServerOptions kestrel, GatewayOptions options)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxConcurrentConnections = options.MaxConnections;
        kestrel.Limits.MaxRequestBodySize = options.MaxBodyBytes;
        kestrel.Limits.Http2.InitialConnectionWindowSize = ConnectionWindowBytes;
        kestrel.Limits.Http2.InitialStreamWindowSize = StreamWindowBytes;

        CertificateSource? certificate = options is { TlsCert: { } cert, TlsKey: { } key }
            ? new CertificateSource(cert, key, kestrel.ApplicationServices?.GetService<TimeProvider>() ?? TimeProvider.System, Logger(kestrel))
            : null;
        IPAddress address = ListenerSafety.Address(options) ?? IPAddress.Loopback;
        Listen(kestrel, address, options.Http, Listener.Http, certificate);
        Listen(kestrel, address, options.OtlpGrpc, Listener.OtlpGrpc, certificate);
        Listen(kestrel, address, options.OtlpHttp, Listener.OtlpHttp, certificate);
    }

    private static void Listen(KestrelServerOptions kestrel, IPAddress address, int port, Listener listener, CertificateSource? certificate) =>
        kestrel.Listen(address, port, listen =>
        {
            bool grpc = listener is Listener.OtlpGrpc;
            listen.Protocols = grpc ? HttpProtocols.Http2 : certificate is null ? HttpProtocols.Http1 : HttpProtocols.Http1AndHttp2;
            var feature = new ListenerFeature(listener);
            listen.Use(next => connection =>
            {
                connection.Features.Set(feature);
                return next(connection);
            });
            if (certificate is not null)
            {
                List<SslApplicationProtocol> protocols = grpc ? [SslApplicationProtocol.Http2] : [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11];
                listen.UseHttps(new TlsHandshakeCallbackOptions
                {
                    OnConnection = _ => new(new SslServerAuthenticationOptions
                    {
                        ServerCertificateContext = certificate.Current(),
                        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                        ApplicationProtocols = protocols,
                        ClientCertificateRequired = false,
                    }),
                });
            }
        });

    private static ILogger Logger(KestrelServerOptions kestrel) =>
        kestrel.ApplicationServices?.GetService<ILoggerFactory>()?.CreateLogger(typeof(CertificateSource)) ?? NullLogger.Instance;
}
