using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;

namespace Muniment.Gateway.Hosting;

/// <summary>
/// The listeners' certificate, read again when one of its files changes. Files are looked at during a handshake, at most once a second: that also sees the
/// symlink swaps of Kubernetes, which file watchers miss. A pair that cannot be read leaves the old one in force.
/// </summary>
/// <remarks>Owner of the fields: whoever holds <c>_gate</c>; <c>_context</c> is read without it.</remarks>
internal sealed partial class CertificateSource
{
    private const int CheckEveryMs = 1000;

    private readonly Lock _gate = new();
    private readonly string _certFile;
    private readonly string _keyFile;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private volatile SslStreamCertificateContext _context;
    private long _checkedAt;
    private (DateTime Cert, DateTime Key) _stamp;

    /// <summary>Reads the files; throws what names the file when they cannot be used.</summary>
    public CertificateSource(string certFile, string keyFile, TimeProvider time, ILogger logger)
    {
        _certFile = certFile;
        _keyFile = keyFile;
        _time = time;
        _logger = logger;
        _stamp = Stamp();
        _context = Load();
        _checkedAt = time.GetTimestamp();
    }

    /// <summary>One sentence that names the flag whose file cannot be used, or null.</summary>
    public static string? Refuse(GatewayOptions options)
    {
        if (options is not { TlsCert: { } cert, TlsKey: { } key })
        {
            return null;
        }

        foreach ((string flag, string file) in new[] { ("--tls-cert", cert), ("--tls-key", key) })
        {
            if (!File.Exists(file))
            {
                return $"{flag} {file}: there is no such file";
            }
        }

        try
        {
            X509Certificate2.CreateFromPemFile(cert, key).Dispose();
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            return $"--tls-cert {cert}, --tls-key {key}: expected a PEM certificate chain and its private key ({e.Message})";
        }
    }

    /// <summary>What a handshake presents.</summary>
    public SslStreamCertificateContext Current()
    {
        if (_time.GetElapsedTime(Volatile.Read(ref _checkedAt)).TotalMilliseconds >= CheckEveryMs)
        {
            Check();
        }

        return _context;
    }

    private void Check()
    {
        lock (_gate)
        {
            if (_time.GetElapsedTime(_checkedAt).TotalMilliseconds < CheckEveryMs)
            {
                return;
            }

            Volatile.Write(ref _checkedAt, _time.GetTimestamp());
            try
            {
                (DateTime Cert, DateTime Key) stamp = Stamp();
                if (stamp != _stamp)
                {
                    _context = Load();
                    _stamp = stamp;
                    LogReloaded(_logger, _certFile);
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
            {
                // Certificate and key are two files: between the two writes they do not fit. The next look finds them whole.
                LogUnreadable(_logger, e, _certFile);
            }
        }
    }

    private (DateTime Cert, DateTime Key) Stamp() => (Written(_certFile), Written(_keyFile));

    private static DateTime Written(string file) => (File.ResolveLinkTarget(file, returnFinalTarget: true) ?? new FileInfo(file)).LastWriteTimeUtc;

    private SslStreamCertificateContext Load()
    {
        X509Certificate2 certificate = X509Certificate2.CreateFromPemFile(_certFile, _keyFile);
        var chain = new X509Certificate2Collection();
        chain.ImportFromPemFile(_certFile);
        return SslStreamCertificateContext.Create(certificate, chain, offline: true);
    }

    [LoggerMessage(1201, LogLevel.Information, "Certificate {File} was read again")]
    private static partial void LogReloaded(ILogger logger, string file);

    [LoggerMessage(1202, LogLevel.Warning, "Certificate {File} changed but cannot be used; the old one stays in force")]
    private static partial void LogUnreadable(ILogger logger, Exception exception, string file);
}
