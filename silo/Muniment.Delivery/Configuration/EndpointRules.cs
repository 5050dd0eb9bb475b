namespace Muniment.Delivery.Configuration;

/// <summary>Forms of an endpoint.</summary>
public enum EndpointForm
{
    /// <summary>An <c>http</c> or <c>https</c> URL to which the kind appends its paths.</summary>
    HttpBase,
    /// <summary>The same, or nothing: the kind then knows its vendor's address.</summary>
    HttpBaseOrEmpty,
    /// <summary>A whole <c>http</c> or <c>https</c> URL, used as it is; it may have a query.</summary>
    HttpUrl,
    /// <summary><c>tcp://</c>, <c>tls://</c> or <c>relp://</c> with host and port.</summary>
    SyslogTarget,
    /// <summary>A plain file name.</summary>
    PlainName,
}

/// <summary>Checks endpoints when they are configured; the addresses behind them are checked at every connect.</summary>
public static class EndpointRules
{
    /// <summary>Longest endpoint.</summary>
    public const int MaxLength = 2048;

    /// <summary>Null when good, else what was expected.</summary>
    public static string? Check(EndpointForm form, string endpoint) => form switch
    {
        EndpointForm.SyslogTarget => CheckTarget(endpoint),
        EndpointForm.PlainName => IsPlainName(endpoint) ? null : "a plain file name: 1 to 100 of A-Z a-z 0-9 . - _ beginning with a letter or digit",
        EndpointForm.HttpBaseOrEmpty when endpoint.Length == 0 => null,
        _ => CheckUrl(endpoint, mayQuery: form == EndpointForm.HttpUrl),
    };

    private static string? CheckUrl(string endpoint, bool mayQuery)
    {
        if (endpoint.Length > MaxLength || !Uri.TryCreate(endpoint, UriKind.Absolute, out Uri? url) || endpoint.Any(c => c <= ' ' || c == '\\'))
        {
            return "an absolute URL such as https://siem.example.com:8088";
        }

        if (url.Scheme != Uri.UriSchemeHttps && url.Scheme != Uri.UriSchemeHttp)
        {
            return "a URL that begins with https:// or http://";
        }

        if (url.UserInfo.Length > 0 || endpoint.Split('?')[0].Contains('@', StringComparison.Ordinal))
        {
            return "a URL without user name or password; put them into credential";
        }

        bool fragment = endpoint.Contains('#', StringComparison.Ordinal);
        return mayQuery ? fragment ? "a URL without #" : null
            : fragment || endpoint.Contains('?', StringComparison.Ordinal) ? "a URL without ? and #" : null;
    }

    private static string? CheckTarget(string endpoint) =>
        endpoint.Length <= MaxLength && Uri.TryCreate(endpoint, UriKind.Absolute, out Uri? url) && url.Scheme is "tcp" or "tls" or "relp" && url.Host.Length > 0 && url.Port > 0
        && url.UserInfo.Length == 0 && url.AbsolutePath is "" or "/" && url.Query.Length == 0 && url.Fragment.Length == 0 && !endpoint.Any(c => c is <= ' ' or '\\' or '@' or '?' or '#')
            ? null
            : "tcp://host:port, tls://host:port or relp://host:port";

    private static bool IsPlainName(string name) =>
        name.Length is > 0 and <= 100 && char.IsAsciiLetterOrDigit(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_')
        && !name.Contains("..", StringComparison.Ordinal);
}
