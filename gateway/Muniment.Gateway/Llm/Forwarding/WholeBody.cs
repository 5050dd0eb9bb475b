using System.Net.Http.Headers;

namespace Muniment.Gateway.Llm.Forwarding;

/// <summary>
/// Sends a request's body from memory. The forwarder's own content flushes the headers before it copies the body, which costs a packet and a system call; a body that is
/// already whole goes out together with its headers.
/// </summary>
internal sealed class WholeBody(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private static readonly HttpRequestOptionsKey<ReadOnlyMemory<byte>> Body = new("muniment.body");

    /// <summary>Names the body of a request.</summary>
    public static void Put(HttpRequestMessage request, ReadOnlyMemory<byte> body) => request.Options.Set(Body, body);

    /// <inheritdoc/>
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.Content is { } copied && request.Options.TryGetValue(Body, out ReadOnlyMemory<byte> body))
        {
            var content = new ReadOnlyMemoryContent(body);
            foreach ((string name, HeaderStringValues values) in copied.Headers.NonValidated)
            {
                content.Headers.TryAddWithoutValidation(name, values);
            }

            content.Headers.ContentLength = body.Length;
            request.Content = content;
        }

        return base.SendAsync(request, cancellationToken);
    }
}
