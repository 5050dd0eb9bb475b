using Microsoft.AspNetCore.Http;
using Muniment.Gateway.Hosting;

namespace Muniment.Gateway;

/// <summary>RFC 9457 answers in one voice: what was wrong, with which field, and what was expected; each names its <c>traceId</c>.</summary>
public static class Problem
{
    /// <summary>400 that names the field. <paramref name="expected"/> ends the sentence "expected …".</summary>
    public static IResult BadField(string field, string expected) =>
        new ProblemResult(StatusCodes.Status400BadRequest, "Bad request", $"{field}: expected {expected}", field);

    /// <summary>404. Also the answer for another tenant's things.</summary>
    public static IResult NotFound(string what) => new ProblemResult(StatusCodes.Status404NotFound, "Not found", what, null);

    /// <summary>Any other status.</summary>
    public static IResult Status(int statusCode, string title, string detail) => new ProblemResult(statusCode, title, detail, null);
}
