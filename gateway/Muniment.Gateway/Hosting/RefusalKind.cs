namespace Muniment.Gateway.Hosting;

/// <summary>Why a request is refused. Each receiver says it in its own protocol's words; see <see cref="RefusalWriter"/>.</summary>
internal enum RefusalKind
{
    /// <summary>The request cannot be understood: 400, INVALID_ARGUMENT.</summary>
    Malformed,
    /// <summary>No key or a wrong one: 401, UNAUTHENTICATED.</summary>
    Unauthenticated,
    /// <summary>The key may not: 403, PERMISSION_DENIED.</summary>
    Forbidden,
    /// <summary>Nothing here: 404, UNIMPLEMENTED.</summary>
    NotFound,
    /// <summary>Wrong method: 405.</summary>
    MethodNotAllowed,
    /// <summary>The thing changed or exists: 409.</summary>
    Conflict,
    /// <summary>Over a limit of size, for ever: 413, RESOURCE_EXHAUSTED without RetryInfo.</summary>
    TooLarge,
    /// <summary>Unknown media type or content encoding: 415.</summary>
    UnsupportedMediaType,
    /// <summary>Over capacity or quota, for now: 429 with Retry-After 1, RESOURCE_EXHAUSTED with RetryInfo.</summary>
    OverCapacity,
    /// <summary>Storage is down or at its reserve, or a grain did not answer: 503 with Retry-After 2, UNAVAILABLE.</summary>
    Unavailable,
    /// <summary>The client's own deadline passed: 504, DEADLINE_EXCEEDED. The outcome is not known.</summary>
    DeadlineExceeded,
    /// <summary>A fault of ours: 500, INTERNAL.</summary>
    Internal,
}
