using System.Net.Http.Headers;
using Muniment.Delivery.Batches;
using Muniment.Delivery.Kinds.OAuth;
using Muniment.Delivery.Outcomes;
using Muniment.Egress;

namespace Muniment.Delivery.Kinds;

/// <summary>
/// The frame of a destination that takes one HTTP request a slice; a kind says how the request is built and how its answer is read. With a grant, each request carries a
/// bearer token, and a 401 to a token that was not fetched for this request is tried once more with a new one.
/// </summary>
internal abstract class HttpSender : IDestinationSender
{
    private readonly HttpClient? _login;
    private readonly OAuthTokens? _tokens;

    protected HttpSender(SenderContext context, ITokenGrant? grant = null)
    {
        Context = context;
        Client = context.CreateClient();
        _login = grant is null ? null : context.CreateLoginClient(grant.Endpoint);
        _tokens = grant is null ? null : new OAuthTokens(_login!, grant, context.Time);
    }

    protected SenderContext Context { get; }

    protected HttpClient Client { get; }

    /// <summary>Looks for a test event.</summary>
    protected SearchBack Search => new(Client, Context.Time);

    /// <summary>How much of an answer is read.</summary>
    protected virtual int MaxAnswerBytes => EgressHttp.MaxResponseBytes;

    /// <summary>Whether a web page with a 2xx can be this destination's answer; otherwise it is another server's.</summary>
    protected virtual bool MayAnswerHtml => false;

    /// <summary>What is known before sending, such as a record over a limit that the destination would cut silently; null lets it go.</summary>
    protected virtual DeliveryOutcome? Refuse(BatchSlice slice) => null;

    /// <summary>The request; built anew for each attempt, with the same bytes.</summary>
    protected abstract HttpRequestMessage Request(BatchSlice slice);

    /// <summary>The outcome.</summary>
    protected abstract DeliveryOutcome Read(HttpAnswer answer, BatchSlice slice);

    public async Task<DeliveryOutcome> SendAsync(BatchSlice slice, CancellationToken cancellationToken)
    {
        if (Refuse(slice) is { } early)
        {
            return early;
        }

        try
        {
            return await CallAsync(() => Request(slice), answer => Read(answer, slice), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            return HttpOutcome.OfException(exception);
        }
    }

    public virtual Task<SearchAnswer?> SearchAsync(string eventId, CancellationToken cancellationToken) => Task.FromResult<SearchAnswer?>(null);

    public virtual ValueTask DisposeAsync()
    {
        _tokens?.Dispose();
        _login?.Dispose();
        Client.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>One authorised exchange.</summary>
    protected async Task<DeliveryOutcome> CallAsync(Func<HttpRequestMessage> make, Func<HttpAnswer, DeliveryOutcome> read, CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(EgressHttp.AttemptTimeout);
        if (_tokens is null)
        {
            return await ExchangeAsync(make(), null, read, limit.Token).ConfigureAwait(false);
        }

        BearerToken token = await _tokens.GetAsync(refused: null, limit.Token).ConfigureAwait(false);
        if (token.Trouble is { } trouble)
        {
            return trouble;
        }

        DeliveryOutcome outcome = await ExchangeAsync(make(), token.Text, read, limit.Token).ConfigureAwait(false);
        if (outcome.Status != 401 || token.IsNew)
        {
            return outcome;
        }

        token = await _tokens.GetAsync(refused: token.Text, limit.Token).ConfigureAwait(false);
        return token.Trouble ?? await ExchangeAsync(make(), token.Text, read, limit.Token).ConfigureAwait(false);
    }

    private async Task<DeliveryOutcome> ExchangeAsync(HttpRequestMessage request, string? token, Func<HttpAnswer, DeliveryOutcome> read, CancellationToken cancellationToken)
    {
        using (request)
        {
            if (token is not null)
            {
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            }

            using HttpResponseMessage response = await Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
            byte[] body = await EgressHttp.ReadBodyAsync(response, cancellationToken, MaxAnswerBytes).ConfigureAwait(false);
            HttpAnswer answer = new(response, body, Context.Time.GetUtcNow());
            return answer is { IsSuccess: true, LooksLikeHtml: true } && !MayAnswerHtml
                ? DeliveryOutcome.Misconfigured($"HTTP {answer.Status}: the answer is a web page", "check host, port and path in endpoint", ReasonCode.TransportMismatch, answer.Status)
                : read(answer);
        }
    }
}
