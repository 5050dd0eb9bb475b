using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using Muniment.Egress;

namespace Muniment.Delivery.Outcomes;

/// <summary>What every HTTP destination has in common: how a failed exchange and a status without a protocol of its own are read.</summary>
public static class HttpOutcome
{
    /// <summary>Longest text of the other side that is repeated.</summary>
    public const int MaxTextLength = 200;

    /// <summary>An exchange that ended without an answer. What was sent may have arrived, so it is sent again with the same ids.</summary>
    public static DeliveryOutcome OfException(Exception exception)
    {
        if (EgressException.In(exception) is { } egress)
        {
            return egress.Status == EgressStatus.Refused
                ? DeliveryOutcome.Misconfigured(egress.Message, "an operator can allow the address with --egress-allow: plain http, private, loopback and link-local addresses need it; metadata addresses, the platform's own ports and its database are never allowed", ReasonCode.EgressRefused)
                : DeliveryOutcome.RetryLater(ReasonCode.Unreachable, egress.Message, "check the host name in endpoint");
        }

        if (IsCertificateAlert(exception))
        {
            return DeliveryOutcome.CredentialRejected("the destination did not take the client certificate", "give tls.client_cert_pem and tls.client_key_pem of an authority that the destination trusts");
        }

        for (Exception? inner = exception; inner is not null; inner = inner.InnerException)
        {
            if (inner is AuthenticationException or HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError })
            {
                return OfTls(exception);
            }
        }

        return exception switch
        {
            OperationCanceledException => DeliveryOutcome.RetryLater(ReasonCode.Unreachable, "no answer within the time limit", "check that the destination is up and not overloaded"),
            HttpRequestException { HttpRequestError: HttpRequestError.InvalidResponse } =>
                DeliveryOutcome.Misconfigured("the answer is not HTTP/1.1", "the port speaks another protocol: check http or https, and the port", ReasonCode.TransportMismatch),
            HttpRequestException { InnerException: SocketException { SocketErrorCode: SocketError.ConnectionRefused } } =>
                DeliveryOutcome.RetryLater(ReasonCode.Unreachable, "connection refused", "check the port, and that the destination is up"),
            HttpRequestException or IOException or SocketException =>
                DeliveryOutcome.RetryLater(ReasonCode.Unreachable, "the connection failed or was cut before an answer", "check the network path and the destination's log"),
            _ => DeliveryOutcome.RetryLater(ReasonCode.DestinationError, "the exchange failed: " + exception.GetType().Name),
        };
    }

    /// <summary>A peer that does not take our certificate says so by an alert; under TLS 1.3 that comes after the handshake.</summary>
    private static bool IsCertificateAlert(Exception exception)
    {
        for (Exception? inner = exception; inner is not null; inner = inner.InnerException)
        {
            if (inner.Message.Contains(" alert ", StringComparison.OrdinalIgnoreCase)
                && (inner.Message.Contains("certificate", StringComparison.OrdinalIgnoreCase) || inner.Message.Contains("unknown ca", StringComparison.OrdinalIgnoreCase)))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>A TLS failure, told apart from a peer that does not speak TLS at all.</summary>
    public static DeliveryOutcome OfTls(Exception exception)
    {
        if (IsCertificateAlert(exception))
        {
            return OfException(exception);
        }

        string text = exception.ToString();
        if (text.Contains("frame size", StringComparison.OrdinalIgnoreCase) || text.Contains("corrupted frame", StringComparison.OrdinalIgnoreCase)
            || text.Contains("wrong version number", StringComparison.OrdinalIgnoreCase))
        {
            return DeliveryOutcome.Misconfigured("the port does not speak TLS", "use http:// or the destination's TLS port", ReasonCode.TransportMismatch);
        }

        if (text.Contains("RemoteCertificate", StringComparison.Ordinal) || text.Contains("certificate", StringComparison.OrdinalIgnoreCase))
        {
            return DeliveryOutcome.Misconfigured("the destination's certificate is not trusted", "give its authority in tls.ca_pem, and check name and expiry", ReasonCode.TlsFailed);
        }

        return text.Contains("unexpected EOF", StringComparison.OrdinalIgnoreCase) || text.Contains("Connection reset", StringComparison.OrdinalIgnoreCase)
            ? DeliveryOutcome.RetryLater(ReasonCode.TlsFailed, "the connection was cut during the TLS handshake", "check the port and the network path")
            : DeliveryOutcome.Misconfigured("the TLS handshake failed", "the destination must offer TLS 1.2 or 1.3", ReasonCode.TlsFailed);
    }

    /// <summary>A status that the kind itself has no better reading for.</summary>
    public static DeliveryOutcome OfStatus(HttpResponseMessage response, DateTimeOffset now, string? said = null)
    {
        int status = (int)response.StatusCode;
        string message = said is { Length: > 0 } ? $"HTTP {status}: {said}" : $"HTTP {status}";
        return status switch
        {
            >= 200 and < 300 => DeliveryOutcome.Delivered(message, status),
            >= 300 and < 400 => DeliveryOutcome.Misconfigured($"HTTP {status}: redirects are not followed", "put the final address into endpoint", status: status),
            401 or 403 or 407 => DeliveryOutcome.CredentialRejected(message, "renew the credential; everything is kept meanwhile", status),
            408 => DeliveryOutcome.RetryLater(ReasonCode.DestinationError, message, delay: RetryAfter.Read(response.Headers, now), status: status),
            413 => DeliveryOutcome.TooLarge(message, status),
            429 => DeliveryOutcome.RetryLater(ReasonCode.RateLimited, message, "the destination limits the rate", RetryAfter.Read(response.Headers, now), status),
            400 or 422 => DeliveryOutcome.BadRecord(message, status: status),
            >= 400 and < 500 => DeliveryOutcome.Misconfigured(message, "check the path in endpoint", status: status),
            _ => DeliveryOutcome.RetryLater(ReasonCode.DestinationError, message, delay: RetryAfter.Read(response.Headers, now), status: status),
        };
    }

    /// <summary>A text of the other side made fit to show: printable, one line, short.</summary>
    public static string Clean(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return "";
        }

        StringBuilder clean = new(Math.Min(text.Length, MaxTextLength));
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (clean.Length >= MaxTextLength)
            {
                break;
            }

            clean.Append(Rune.IsControl(rune) || Rune.GetUnicodeCategory(rune) is System.Globalization.UnicodeCategory.Format ? ' ' : rune.ToString());
        }

        return clean.ToString().Trim();
    }
}
