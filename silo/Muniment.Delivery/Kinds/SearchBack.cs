using System.Text.Json;
using Muniment.Delivery.Outcomes;
using Muniment.Egress;

namespace Muniment.Delivery.Kinds;

/// <summary>What a search for the connection test's event came to.</summary>
/// <param name="Found">Whether it is there.</param>
/// <param name="Detail">Why it could not be looked for; null when it was.</param>
/// <param name="Hint">What to do about that.</param>
public sealed record SearchAnswer(bool Found, string? Detail = null, string? Hint = null);

/// <summary>Asks a destination for one event until it is there, about twice a second.</summary>
internal sealed class SearchBack(HttpClient client, TimeProvider time)
{
    private const int MaxAnswerBytes = EgressHttp.MaxResponseBytes;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(400);

    /// <summary>For a credential whose purpose is another: null when the destination does not let it ask, or does not answer.</summary>
    public async Task<SearchAnswer?> TryAsync(TimeSpan patience, Func<HttpRequestMessage> question, Func<HttpAnswer, bool> has, CancellationToken cancellationToken) =>
        await AskAsync(patience, question, has, hint: "", cancellationToken).ConfigureAwait(false) is { Detail: null } answer ? answer : null;

    /// <summary>For a credential that was given to search with: what goes wrong is told, with <paramref name="hint"/>.</summary>
    public async Task<SearchAnswer> AskAsync(TimeSpan patience, Func<HttpRequestMessage> question, Func<HttpAnswer, bool> has, string hint, CancellationToken cancellationToken)
    {
        long started = time.GetTimestamp();
        try
        {
            while (true)
            {
                using HttpRequestMessage request = question();
                using HttpResponseMessage response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
                HttpAnswer answer = new(response, await EgressHttp.ReadBodyAsync(response, cancellationToken, MaxAnswerBytes).ConfigureAwait(false), time.GetUtcNow());
                if (!answer.IsSuccess)
                {
                    return new SearchAnswer(false, $"HTTP {answer.Status}", hint);
                }

                if (has(answer))
                {
                    return new SearchAnswer(true);
                }

                if (time.GetElapsedTime(started) >= patience)
                {
                    return new SearchAnswer(false);
                }

                await Task.Delay(Pause, time, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or OperationCanceledException)
        {
            DeliveryOutcome failed = HttpOutcome.OfException(exception);
            return new SearchAnswer(false, $"{failed.Code}: {failed.Message}", failed.Hint);
        }
    }

    /// <summary>Whether a list at a path of members in the answer holds anything.</summary>
    public static bool HasAny(HttpAnswer answer, params ReadOnlySpan<string> path)
    {
        JsonElement? at = answer.Json;
        foreach (string name in path)
        {
            at = at is { ValueKind: JsonValueKind.Object } parent && parent.TryGetProperty(name, out JsonElement child) ? child : null;
        }

        return at is { ValueKind: JsonValueKind.Array } list && list.GetArrayLength() > 0;
    }
}
