namespace Muniment.Gateway.Hosting;

/// <summary>Settings of the gateway, section <c>Gateway</c>. <see cref="GatewayOptionsValidator"/> names key, value and range of what is wrong.</summary>
public sealed class GatewayOptions
{
    /// <summary>Section of the configuration.</summary>
    public const string Section = "Gateway";

    /// <summary>Address to listen on; <c>localhost</c> counts as 127.0.0.1.</summary>
    public string Bind { get; set; } = "127.0.0.1";

    /// <summary>Port of the REST API and the console; 0 picks a free one.</summary>
    public int Http { get; set; } = 8080;

    /// <summary>Port of OTLP/gRPC; 0 picks a free one.</summary>
    public int OtlpGrpc { get; set; } = 4317;

    /// <summary>Port of OTLP/HTTP; 0 picks a free one.</summary>
    public int OtlpHttp { get; set; } = 4318;

    /// <summary>PEM file with the certificate chain, or null for clear text. Read again when it changes.</summary>
    public string? TlsCert { get; set; }

    /// <summary>PEM file with the private key.</summary>
    public string? TlsKey { get; set; }

    /// <summary>Listen in clear text beyond loopback.</summary>
    public bool InsecureHttp { get; set; }

    /// <summary>OTLP from this machine needs no key: it goes to <c>default</c>, marked unverified. Loopback only.</summary>
    public bool AnonymousIngest { get; set; }

    /// <summary>From <c>Access:ExportsAdminOnly=super_admin</c>: destinations and retention need super_admin.</summary>
    public bool ExportsAdminOnly { get; set; }

    /// <summary>Most bytes of a body as sent.</summary>
    public int MaxBodyBytes { get; set; } = 16 << 20;

    /// <summary>Most bytes of a body after inflating.</summary>
    public int MaxInflatedBytes { get; set; } = 64 << 20;

    /// <summary>Most inflated bytes for one compressed byte, once a body is over a mebibyte. Real telemetry stays under 60.</summary>
    public int MaxInflateRatio { get; set; } = 200;

    /// <summary>Most events of one request.</summary>
    public int MaxEventsPerRequest { get; set; } = 200_000;

    /// <summary>Most bytes of bodies that are worked on at once, over all tenants.</summary>
    public long MaxBytesInFlight { get; set; } = 192L << 20;

    /// <summary>Most open connections.</summary>
    public int MaxConnections { get; set; } = 20_000;
}
