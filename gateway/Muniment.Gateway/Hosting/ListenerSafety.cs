using System.Net;
using System.Net.Sockets;

namespace Muniment.Gateway.Hosting;

/// <summary>What may listen where.</summary>
public static class ListenerSafety
{
    /// <summary>The address of <c>--bind</c>, or null when it is none.</summary>
    public static IPAddress? Address(GatewayOptions options) => options.Bind switch
    {
        "localhost" => IPAddress.Loopback,
        "*" => IPAddress.IPv6Any,
        _ => IPAddress.TryParse(options.Bind, out IPAddress? address) ? address : null,
    };

    /// <summary>One sentence that says why the gateway must not start with these settings, or null.</summary>
    public static string? Refuse(GatewayOptions options)
    {
        if (Address(options) is not { } address)
        {
            return $"--bind {options.Bind}: expected an IP address or localhost";
        }

        if ((options.TlsCert is null) != (options.TlsKey is null))
        {
            return "--tls-cert and --tls-key belong together: one of them is missing";
        }

        if (IPAddress.IsLoopback(address))
        {
            return null;
        }

        if (options.AnonymousIngest)
        {
            return $"--anonymous-ingest is for loopback only, and --bind {options.Bind} is beyond it";
        }

        return options.TlsCert is null && !options.InsecureHttp
            ? $"--bind {options.Bind} is beyond loopback: give --tls-cert and --tls-key, or --insecure-http if something before it does TLS"
            : null;
    }

    /// <summary>One sentence that names the flag whose certificate or key file cannot be used, or null.</summary>
    public static string? RefuseCertificate(GatewayOptions options) => CertificateSource.Refuse(options);

    /// <summary>One sentence for a port that is in use, naming flag and port.</summary>
    public static string PortInUse(GatewayOptions options, Exception exception)
    {
        foreach ((string flag, int port) in new[] { ("--http", options.Http), ("--otlp-grpc", options.OtlpGrpc), ("--otlp-http", options.OtlpHttp) })
        {
            if (port != 0 && (exception.Message.Contains($":{port}:", StringComparison.Ordinal) || exception.Message.Contains($":{port} ", StringComparison.Ordinal)
                || exception.Message.EndsWith($":{port}", StringComparison.Ordinal) || exception.Message.Contains($":{port}.", StringComparison.Ordinal)))
            {
                return $"{flag} {port}: the port is in use; choose another one, or 0 for any free one";
            }
        }

        for (Exception? inner = exception; inner is not null; inner = inner.InnerException)
        {
            if (inner is SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse })
            {
                return "one of --http, --otlp-grpc, --otlp-http is in use; choose another one, or 0 for any free one";
            }
        }

        return exception.Message;
    }
}
