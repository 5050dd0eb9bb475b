using System.Globalization;
using System.Text.Json;
using Muniment.Delivery.Outcomes;

namespace Muniment.Delivery.Kinds;

/// <summary>Errors of Google's APIs: <c>{"error":{"code","status","message","details":[RetryInfo]}}</c>.</summary>
internal static class GoogleAnswer
{
    /// <summary>The outcome of an answer that is no 2xx. <paramref name="notFound"/> is the hint for a resource that is not there.</summary>
    public static DeliveryOutcome Read(HttpAnswer answer, string notFound)
    {
        string status = answer.Text("error", "status") ?? "";
        string message = HttpOutcome.Clean($"{status} {answer.Text("error", "message")}");
        switch (answer.Status)
        {
            case 409 when status is not "ALREADY_EXISTS":
            case 499:
                return DeliveryOutcome.RetryLater(ReasonCode.DestinationError, $"HTTP {answer.Status} {message}", delay: RetryDelay(answer) ?? RetryAfter.Read(answer.Response.Headers, answer.Now), status: answer.Status); // ABORTED, CANCELLED
            case 404 or 405:
                return answer.Misconfigured(notFound, message);
            case 400 when status is "FAILED_PRECONDITION":
                return answer.Misconfigured("see the message", message);
            case 403:
                return DeliveryOutcome.CredentialRejected($"HTTP 403 {message}", "give the service account its role, and enable the API in the project", 403);
        }

        DeliveryOutcome outcome = answer.ByStatus(message);
        return outcome.Kind == OutcomeKind.RetryLater && RetryDelay(answer) is { } delay
            ? DeliveryOutcome.RetryLater(outcome.Code!, outcome.Message, outcome.Hint, delay, outcome.Status)
            : outcome;
    }

    private static TimeSpan? RetryDelay(HttpAnswer answer)
    {
        if (answer.Json is not { } root || !root.TryGetProperty("error", out JsonElement error) || error.ValueKind != JsonValueKind.Object
            || !error.TryGetProperty("details", out JsonElement details) || details.ValueKind != JsonValueKind.Array)
        {
            return null;
        }

        foreach (JsonElement detail in details.EnumerateArray())
        {
            if (detail.ValueKind == JsonValueKind.Object && detail.TryGetProperty("retryDelay", out JsonElement delay) && delay.ValueKind == JsonValueKind.String
                && delay.GetString() is { } text && text.EndsWith('s') && double.TryParse(text[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double seconds))
            {
                return RetryAfter.Parse(seconds.ToString(CultureInfo.InvariantCulture), answer.Now);
            }
        }

        return null;
    }
}
