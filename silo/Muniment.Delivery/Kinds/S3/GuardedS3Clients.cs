using Amazon.Runtime;
using Muniment.Egress;

namespace Muniment.Delivery.Kinds.S3;

/// <summary>
/// Gives the SDK a client whose connections pass the egress guard. What comes back is read here, bounded, and noted for the call that is under way; the SDK gets to see an
/// error as one that it neither follows nor repeats.
/// </summary>
internal sealed class GuardedS3Clients(SenderContext context, AsyncLocal<S3Exchange?> exchange) : HttpClientFactory
{
    private readonly HttpClient _client = new(new Noting(context.Http.CreateHandler(context.Tenant, context.ReadTls()), exchange, context.Time)) { Timeout = Timeout.InfiniteTimeSpan };

    public override HttpClient CreateHttpClient(IClientConfig clientConfig) => _client;

    public override bool UseSDKHttpClientCaching(IClientConfig clientConfig) => false;

    public override bool DisposeHttpClientsAfterUse(IClientConfig clientConfig) => false;

    public void Close() => _client.Dispose();

    private sealed class Noting(HttpMessageHandler inner, AsyncLocal<S3Exchange?> exchange, TimeProvider time) : DelegatingHandler(inner)
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            S3Exchange note = exchange.Value!;
            if (note.Status is not null || note.Failure is not null)
            {
                throw new IOException("one call, one exchange"); // whatever the SDK's own rules of repeating are, ours decide
            }

            try
            {
                using HttpResponseMessage response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
                byte[] body = await EgressHttp.ReadBodyAsync(response, cancellationToken).ConfigureAwait(false);
                note.Read(response, body, time.GetUtcNow());

                // The SDK would follow a redirect to another region by itself; so it sees no more of an answer than that it was good or not.
                return new HttpResponseMessage(response.IsSuccessStatusCode ? System.Net.HttpStatusCode.OK : System.Net.HttpStatusCode.BadRequest) { RequestMessage = request, Content = new ByteArrayContent([]) };
            }
            catch (Exception exception)
            {
                note.Failure = exception;
                throw;
            }
        }
    }
}
