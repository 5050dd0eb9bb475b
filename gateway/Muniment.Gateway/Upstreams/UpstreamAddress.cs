using Muniment.Egress;
using Muniment.Messages.Tenants;

namespace Muniment.Gateway.Upstreams;

/// <summary>
/// Judges a base URL when it is configured: its form, and whether the operator's rules let it through now. What a name resolves to later is judged again at every connect.
/// </summary>
internal sealed class UpstreamAddress(EgressGuard guard)
{
    /// <summary>The URL as it is kept, or what was expected.</summary>
    public async ValueTask<(string? Url, string? Expected)> CheckAsync(string tenant, string text, CancellationToken cancellationToken)
    {
        if (text.Length > TenantLimits.MaxUrlLength || text.Any(c => c is <= ' ' or '\\') || !Uri.TryCreate(text, UriKind.Absolute, out Uri? url)
            || (url.Scheme != Uri.UriSchemeHttps && url.Scheme != Uri.UriSchemeHttp) || url.Host.Length == 0)
        {
            return (null, "an absolute URL that begins with https:// or http://, such as https://api.example.com/v1");
        }

        if (url.UserInfo.Length > 0 || text.AsSpan().ContainsAny('@', '?', '#'))
        {
            return (null, "a URL without user name, ? and #; secrets belong into credential");
        }

        EgressVerdict verdict = await guard.CheckAsync(tenant, url.Host, url.Port, url.Scheme == Uri.UriSchemeHttps, cancellationToken);
        return verdict.Status is EgressStatus.Refused
            ? (null, "an address that outbound connections may reach: https to a public one, or one that --egress-allow names")
            : (text.TrimEnd('/'), null);
    }
}
