namespace Muniment.Gateway.Llm.Forwarding;

/// <summary>Where a path of a client goes.</summary>
internal static class UpstreamAddresses
{
    /// <summary>
    /// Joins base URL and path. Clients write <c>v1/…</c> after the upstream's name, and a base URL may end with <c>/v1</c> as providers write it: then it stands there once.
    /// </summary>
    public static string Join(Uri baseUrl, string path)
    {
        string root = baseUrl.AbsoluteUri.TrimEnd('/');
        bool twice = path.StartsWith("v1/", StringComparison.OrdinalIgnoreCase) && root.EndsWith("/v1", StringComparison.OrdinalIgnoreCase);
        return path.Length == 0 ? root : $"{root}/{(twice ? path[3..] : path)}";
    }
}
