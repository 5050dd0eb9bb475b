using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Muniment.Egress;

/// <summary>TLS settings of one destination: an own authority to trust, and a client certificate.</summary>
public sealed class EgressTls : IDisposable
{
    private EgressTls(X509Certificate2Collection? authorities, X509Certificate2? client)
    {
        Authorities = authorities;
        Client = client;
    }

    /// <summary>The system's authorities, no client certificate.</summary>
    public static EgressTls Default { get; } = new(null, null);

    internal X509Certificate2Collection? Authorities { get; }

    internal X509Certificate2? Client { get; }

    /// <summary>Reads PEM texts; on failure <paramref name="field"/> names the wrong one.</summary>
    public static bool TryCreate(string? authorityPem, string? clientPem, string? clientKeyPem, out EgressTls tls, out string? field)
    {
        tls = Default;
        field = "tls.ca_pem";
        try
        {
            X509Certificate2Collection? authorities = null;
            if (!string.IsNullOrEmpty(authorityPem))
            {
                authorities = [];
                authorities.ImportFromPem(authorityPem);
                if (authorities.Count == 0)
                {
                    return false;
                }
            }

            field = "tls.client_cert_pem";
            X509Certificate2? client = null;
            if (!string.IsNullOrEmpty(clientPem) || !string.IsNullOrEmpty(clientKeyPem))
            {
                if (string.IsNullOrEmpty(clientPem))
                {
                    return false;
                }

                field = "tls.client_key_pem";
                if (string.IsNullOrEmpty(clientKeyPem))
                {
                    return false;
                }

                client = X509Certificate2.CreateFromPem(clientPem, clientKeyPem);
            }

            field = null;
            tls = authorities is null && client is null ? Default : new EgressTls(authorities, client);
            return true;
        }
        catch (CryptographicException)
        {
            return false;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!ReferenceEquals(this, Default))
        {
            Client?.Dispose();
        }
    }
}
