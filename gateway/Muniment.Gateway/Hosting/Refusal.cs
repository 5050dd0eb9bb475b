namespace Muniment.Gateway.Hosting;

/// <summary>A refused request: why, in one sentence that names the cause, and the field where there is one.</summary>
/// <param name="Kind">Decides the status in every protocol.</param>
/// <param name="Detail">One sentence, no secrets, no text of the sender beyond a field's name.</param>
/// <param name="Field">Field, header or parameter that was wrong, or null.</param>
internal sealed record Refusal(RefusalKind Kind, string Detail, string? Field = null)
{
    /// <summary>Whether the answer is held for a moment (<see cref="Ingest.Limits.RefusalPause"/>), because what comes next would be refused, too.</summary>
    public bool IsHeld { get; init; }

    /// <summary>Seconds after which the client should try again; 0 for never.</summary>
    public int RetryAfterSeconds => Kind switch
    {
        RefusalKind.OverCapacity => 1,
        RefusalKind.Unavailable => 2,
        _ => 0,
    };

    /// <summary>HTTP status.</summary>
    public int StatusCode => Kind switch
    {
        RefusalKind.Malformed => 400,
        RefusalKind.Unauthenticated => 401,
        RefusalKind.Forbidden => 403,
        RefusalKind.NotFound => 404,
        RefusalKind.MethodNotAllowed => 405,
        RefusalKind.Conflict => 409,
        RefusalKind.TooLarge => 413,
        RefusalKind.UnsupportedMediaType => 415,
        RefusalKind.OverCapacity => 429,
        RefusalKind.Unavailable => 503,
        RefusalKind.DeadlineExceeded => 504,
        _ => 500,
    };

    /// <summary>gRPC status of the same meaning (the collector's table, read backwards).</summary>
    public int GrpcStatus => Kind switch
    {
        RefusalKind.Malformed => 3,
        RefusalKind.Unauthenticated => 16,
        RefusalKind.Forbidden => 7,
        RefusalKind.NotFound or RefusalKind.MethodNotAllowed or RefusalKind.UnsupportedMediaType => 12,
        RefusalKind.Conflict => 10,
        RefusalKind.TooLarge or RefusalKind.OverCapacity => 8,
        RefusalKind.Unavailable => 14,
        RefusalKind.DeadlineExceeded => 4,
        _ => 13,
    };

    /// <summary>Title of the problem document.</summary>
    public string Title => Kind switch
    {
        RefusalKind.Malformed => "Bad request",
        RefusalKind.Unauthenticated => "No valid key",
        RefusalKind.Forbidden => "Not allowed",
        RefusalKind.NotFound => "Not found",
        RefusalKind.MethodNotAllowed => "Method not allowed",
        RefusalKind.Conflict => "Conflict",
        RefusalKind.TooLarge => "Too large",
        RefusalKind.UnsupportedMediaType => "Unsupported media type",
        RefusalKind.OverCapacity => "Over capacity",
        RefusalKind.Unavailable => "Unavailable",
        RefusalKind.DeadlineExceeded => "Deadline exceeded",
        _ => "Internal error",
    };
}
