using System.IO.Compression;
using System.Net.Http.Headers;

namespace Muniment.Delivery.Kinds;

/// <summary>Request bodies. gzip level 1 without a time stamp, so that the same plan gives the same bytes; used where the path is a real network.</summary>
internal static class BodyContent
{
    public static HttpContent Create(ReadOnlyMemory<byte> body, string mediaType, bool gzip)
    {
        ReadOnlyMemoryContent content;
        if (gzip)
        {
            using MemoryStream packed = new(body.Length / 4 + 64);
            using (GZipStream stream = new(packed, CompressionLevel.Fastest, leaveOpen: true))
            {
                stream.Write(body.Span);
            }

            content = new ReadOnlyMemoryContent(packed.GetBuffer().AsMemory(0, (int)packed.Length));
            content.Headers.ContentEncoding.Add("gzip");
        }
        else
        {
            content = new ReadOnlyMemoryContent(body);
        }

        content.Headers.ContentType = new MediaTypeHeaderValue(mediaType);
        return content;
    }
}
