using Microsoft.AspNetCore.Http;

namespace Muniment.Gateway;

/// <summary>RFC 9457 answers in one voice: what was wrong, with which field, and what was expected.</summary>
public static class Problem
{
    /// <summary>400 that names the field. <paramref name="expected"/> ends the sentence "expected …".</summary>
    public static IResult BadField(string field, string expected) =>
        Results.Problem(title: "Bad request", detail: $"{field}: expected {expected}", statusCode: StatusCodes.Status400BadRequest,
            extensions: new Dictionary<string, object?> { ["field"] = field });

    /// <summary>404. Also the answer for another tenant's things.</summary>
    public static IResult NotFound(string what) => Results.Problem(title: "Not found", detail: what, statusCode: StatusCodes.Status404NotFound);

    /// <summary>Any other status.</summary>
    public static IResult Status(int statusCode, string title, string detail) => Results.Problem(title: title, detail: detail, statusCode: statusCode);
}
