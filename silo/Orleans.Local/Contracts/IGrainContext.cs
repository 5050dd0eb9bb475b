namespace Orleans.Runtime;

/// <summary>One activation of a grain.</summary>
public interface IGrainContext : IEquatable<IGrainContext>
{
    /// <summary>Whose activation it is.</summary>
    GrainId GrainId { get; }

    /// <summary>The object, once made.</summary>
    object? GrainInstance { get; }

    /// <summary>A service scope of its own, disposed with the activation.</summary>
    IServiceProvider ActivationServices { get; }

    /// <summary>Completes when the activation has ended.</summary>
    Task Deactivated { get; }

    /// <summary>Starts to end the activation; returns at once.</summary>
    void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default);
}
