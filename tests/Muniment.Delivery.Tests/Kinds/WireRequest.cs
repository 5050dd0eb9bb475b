using System.IO.Compression;
using System.Text;

namespace Muniment.Delivery.Tests.Kinds;

/// <summary>One request as it came over the wire.</summary>
internal sealed record WireRequest(string Method, string Path, string Query, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    public string? Header(string name) => Headers.GetValueOrDefault(name);

    public string Text => Encoding.UTF8.GetString(Inflated());

    public byte[] Inflated()
    {
        if (Header("Content-Encoding") != "gzip")
        {
            return Body;
        }

        using GZipStream stream = new(new MemoryStream(Body), CompressionMode.Decompress);
        using MemoryStream plain = new();
        stream.CopyTo(plain);
        return plain.ToArray();
    }

    public WireRequest WithHeader(string name, string? value)
    {
        Dictionary<string, string> headers = new(Headers, StringComparer.OrdinalIgnoreCase);
        headers.Remove(name);
        if (value is not null)
        {
            headers[name] = value;
        }

        return this with { Headers = headers };
    }

    public WireRequest WithText(string text) => WithHeader("Content-Encoding", null) with { Body = Encoding.UTF8.GetBytes(text) };

    public WireRequest Edit(Func<string, string> edit) => WithText(edit(Text));
}

/// <summary>An answer.</summary>
internal sealed record WireAnswer(int Status, string Body = "", string Type = "application/json", string? RetryAfter = null)
{
    public byte[]? Bytes { get; init; }
}
