using System.Globalization;
using Muniment.Delivery.Outcomes;
using Muniment.Egress;

namespace Muniment.Delivery.Kinds.OAuth;

/// <summary>
/// Keeps one token of one sender: fetched when first needed, renewed at four fifths of its life or five minutes before its end, whichever is sooner. While a renewal fails in
/// passing, the old token serves until it ends. Thread-safe; one fetch at a time.
/// </summary>
internal sealed class OAuthTokens(HttpClient client, ITokenGrant grant, TimeProvider time) : IDisposable
{
    /// <summary>Longest token that is taken.</summary>
    public const int MaxTokenLength = 16 * 1024;

    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan ShortestLife = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan AssumedLife = TimeSpan.FromMinutes(5);

    private readonly SemaphoreSlim _gate = new(1);
    private string? _token;
    private DateTimeOffset _renew;
    private DateTimeOffset _end;

    /// <summary>The token. <paramref name="refused"/> is one that the destination did not take: it is not given again.</summary>
    public async Task<BearerToken> GetAsync(string? refused, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            DateTimeOffset now = time.GetUtcNow();
            bool usable = _token is not null && _token != refused && now < _end;
            if (usable && now < _renew)
            {
                return new BearerToken(_token, false, null);
            }

            DeliveryOutcome? trouble = await FetchAsync(now, cancellationToken).ConfigureAwait(false);
            return trouble is null ? new BearerToken(_token, true, null)
                : usable && trouble.Kind == OutcomeKind.RetryLater ? new BearerToken(_token, false, null)
                : new BearerToken(null, false, trouble);
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose() => _gate.Dispose();

    private async Task<DeliveryOutcome?> FetchAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        try
        {
            using HttpRequestMessage request = grant.Request(now);
            using HttpResponseMessage response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
            HttpAnswer answer = new(response, await EgressHttp.ReadBodyAsync(response, cancellationToken).ConfigureAwait(false), now);
            if (!answer.IsSuccess)
            {
                return Refusal(answer);
            }

            if (answer.Text("access_token") is not { Length: > 0 and <= MaxTokenLength } token || token.AsSpan().ContainsAnyExceptInRange('!', '~'))
            {
                return DeliveryOutcome.Misconfigured("the token endpoint answered without a token", "check the address of the authority", status: answer.Status);
            }

            TimeSpan life = double.TryParse(answer.Text("expires_in"), NumberStyles.Float, CultureInfo.InvariantCulture, out double seconds) && seconds is > 0 and < 1e7
                ? TimeSpan.FromSeconds(seconds) : AssumedLife;
            life = life < ShortestLife ? ShortestLife : life;
            _token = token;
            _end = now + life;
            _renew = now + (life * 0.8 < life - Margin || life <= Margin ? life * 0.8 : life - Margin);
            return null;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            DeliveryOutcome failed = HttpOutcome.OfException(exception);
            return failed.Kind == OutcomeKind.RetryLater
                ? DeliveryOutcome.RetryLater(failed.Code!, "no token: " + failed.Message, failed.Hint)
                : DeliveryOutcome.Misconfigured("no token: " + failed.Message, failed.Hint!, failed.Code!);
        }
    }

    /// <summary>RFC 6749, 5.2: the error is a word; only the word is repeated, descriptions may hold anything.</summary>
    private DeliveryOutcome Refusal(HttpAnswer answer)
    {
        string error = HttpOutcome.Clean(answer.Text("error"));
        string message = $"no token: HTTP {answer.Status}{(error.Length > 0 ? ": " + error : "")}";
        return answer.Status switch
        {
            400 or 401 or 403 when error is "invalid_scope" or "invalid_request" or "unsupported_grant_type" or "invalid_resource" =>
                DeliveryOutcome.Misconfigured(message, $"check the authority and {grant.CredentialField}", status: answer.Status),
            400 or 401 or 403 => DeliveryOutcome.CredentialRejected(message, $"renew {grant.CredentialField}; everything is kept meanwhile", answer.Status),
            408 or 429 or >= 500 => DeliveryOutcome.RetryLater(
                answer.Status == 429 ? ReasonCode.RateLimited : ReasonCode.DestinationError, message, delay: RetryAfter.Read(answer.Response.Headers, answer.Now), status: answer.Status),
            _ => DeliveryOutcome.Misconfigured(message, "check the address of the authority", status: answer.Status),
        };
    }
}
