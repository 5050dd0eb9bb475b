namespace Muniment.Gateway.Health;

/// <summary>Whether this process can accept events and make them durable, found out by doing so.</summary>
public interface IReadiness
{
    /// <summary>Null when ready, else one sentence that says what is missing.</summary>
    Task<string?> WhyNotAsync(CancellationToken cancellationToken);
}
