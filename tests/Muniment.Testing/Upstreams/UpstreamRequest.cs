using System.Text;

namespace Muniment.Testing.Upstreams;

/// <summary>A request as an upstream got it. Names of headers are in lower case.</summary>
public sealed record UpstreamRequest(string Method, string Path, string Query, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    /// <summary>The body as text.</summary>
    public string Text => Encoding.UTF8.GetString(Body);
}
