using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Muniment.Gateway.Hosting;

namespace Muniment.Gateway.Access;

/// <summary>Finds the key text in a request's headers.</summary>
internal static class Credential
{
    /// <summary>Header of keys for clients that cannot set <c>Authorization</c>.</summary>
    public const string KeyHeader = "x-api-key";

    /// <summary>Header by which a super-admin picks a tenant.</summary>
    public const string TenantHeader = "x-muniment-tenant";

    /// <summary>
    /// The key text, or why there is none. Two different credentials in one request are refused: whatever stands before us may have checked the other one.
    /// </summary>
    public static bool TryRead(HttpRequest request, Voice voice, [NotNullWhen(true)] out string? key, [NotNullWhen(false)] out Refusal? refusal)
    {
        refusal = null;
        StringValues authorization = request.Headers.Authorization;
        StringValues header = request.Headers[KeyHeader];
        if (authorization.Count > 1 || header.Count > 1)
        {
            key = null;
            refusal = new Refusal(RefusalKind.Unauthenticated, "the request carries more than one key", "scheme");
            return false;
        }

        string? fromHeader = header.Count == 1 && header[0] is { Length: > 0 } ? header[0] : null;
        if (authorization.Count == 0 || string.IsNullOrWhiteSpace(authorization[0]))
        {
            key = fromHeader;
            refusal = key is null ? new Refusal(RefusalKind.Unauthenticated, "no key: expected Authorization: Bearer KEY or x-api-key: KEY", "missing") : null;
            return key is not null;
        }

        key = FromAuthorization(authorization[0]!, voice);
        if (key is null)
        {
            refusal = new Refusal(RefusalKind.Unauthenticated, "Authorization: expected Bearer KEY" + (voice is Voice.Hec ? " or Splunk KEY" : ""), "scheme");
        }
        else if (fromHeader is not null && fromHeader != key)
        {
            key = null;
            refusal = new Refusal(RefusalKind.Unauthenticated, "Authorization and x-api-key carry different keys", "scheme");
        }

        return key is not null;
    }

    private static string? FromAuthorization(string value, Voice voice)
    {
        int space = value.IndexOf(' ');
        if (space < 0)
        {
            return null;
        }

        ReadOnlySpan<char> scheme = value.AsSpan(0, space);
        bool known = scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase) || (voice is Voice.Hec && scheme.Equals("Splunk", StringComparison.OrdinalIgnoreCase));
        string key = value[(space + 1)..].Trim();
        return known && key.Length > 0 ? key : null;
    }
}
