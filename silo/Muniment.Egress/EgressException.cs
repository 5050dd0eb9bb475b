namespace Muniment.Egress;

/// <summary>A connection that the guard did not make. Reaches callers as the inner exception of an <see cref="HttpRequestException"/>.</summary>
public sealed class EgressException(EgressStatus status) : IOException(status == EgressStatus.Refused ? RefusedText : UnresolvedText)
{
    /// <summary>The one text for every refusal.</summary>
    public const string RefusedText = "the address is not allowed for outbound connections";

    /// <summary>The text for a name without an address.</summary>
    public const string UnresolvedText = "the host name has no address";

    /// <summary>Why.</summary>
    public EgressStatus Status { get; } = status;

    /// <summary>The guard's exception somewhere inside another one, or null.</summary>
    public static EgressException? In(Exception? exception)
    {
        for (; exception is not null; exception = exception.InnerException)
        {
            if (exception is EgressException found)
            {
                return found;
            }
        }

        return null;
    }
}
