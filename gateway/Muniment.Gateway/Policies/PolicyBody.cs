using System.Text;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http;
using Muniment.Policy.Documents;

namespace Muniment.Gateway.Policies;

/// <summary>Reads the body of a request that is a policy document.</summary>
internal static class PolicyBody
{
    // A character has at most four bytes.
    private const int MaxSizeBytes = 4 * PolicyLimits.MaxDocumentLength;

    /// <summary>The text, or what is wrong.</summary>
    public static async Task<(string? Text, IResult? Fault)> ReadAsync(HttpContext context)
    {
        if (context.Request.Headers.ContentEncoding.Count > 0)
        {
            return (null, Problem.Status(StatusCodes.Status415UnsupportedMediaType, "Unsupported media type", "Content-Encoding: expected none here"));
        }

        using var body = new MemoryStream();
        byte[] buffer = new byte[16 * 1024];
        try
        {
            for (int read; (read = await context.Request.Body.ReadAsync(buffer, context.RequestAborted)) > 0;)
            {
                if (body.Length + read > MaxSizeBytes)
                {
                    return (null, Problem.Status(StatusCodes.Status413PayloadTooLarge, "Too large", $"body: larger than a policy of {PolicyLimits.MaxDocumentLength} characters"));
                }

                body.Write(buffer, 0, read);
            }
        }
        catch (IOException e) when (e is not BadHttpRequestException)
        {
            return (null, Problem.BadField("body", "a whole body; it broke off or its transfer coding is invalid"));
        }

        ReadOnlySpan<byte> bytes = body.GetBuffer().AsSpan(0, (int)body.Length);
        return Utf8.IsValid(bytes) ? (Encoding.UTF8.GetString(bytes), null) : (null, Problem.BadField("body", "a policy document, YAML or JSON, in UTF-8"));
    }
}
