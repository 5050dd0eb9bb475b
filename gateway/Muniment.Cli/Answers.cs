using System.Text.Json;

namespace Muniment.Cli;

/// <summary>Reads answers of the API and turns refusals into one sentence.</summary>
internal static class Answers
{
    /// <summary>The answer's JSON; null for an empty one. Refusals become <see cref="UnusableException"/>.</summary>
    public static async Task<JsonDocument?> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        await EnsureAsync(response, cancellationToken);
        byte[] body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        return body.Length == 0 ? null : JsonDocument.Parse(body);
    }

    public static async Task EnsureAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.IsSuccessStatusCode)
        {
            return;
        }

        string text = await response.Content.ReadAsStringAsync(cancellationToken);
        string? detail = null;
        try
        {
            using JsonDocument problem = JsonDocument.Parse(text);
            detail = problem.RootElement.TryGetProperty("detail", out JsonElement d) ? d.GetString()
                : problem.RootElement.TryGetProperty("title", out JsonElement t) ? t.GetString() : null;
        }
        catch (JsonException)
        {
            // Not ours, for example a proxy's page: the status says enough.
        }

        throw new UnusableException($"{(int)response.StatusCode}: {detail ?? response.ReasonPhrase}");
    }
}
