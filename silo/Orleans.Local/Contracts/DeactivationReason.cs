namespace Orleans;

/// <summary>Why an activation ends.</summary>
/// <param name="code">The kind of reason.</param>
/// <param name="exception">What failed, if anything did.</param>
/// <param name="text">For people.</param>
public readonly struct DeactivationReason(DeactivationReasonCode code, Exception? exception, string text)
{
    /// <summary>A reason without a failure.</summary>
    public DeactivationReason(DeactivationReasonCode code, string text) : this(code, null, text) { }

    /// <summary>The kind of reason.</summary>
    public DeactivationReasonCode ReasonCode => code;

    /// <summary>For people.</summary>
    public string Description => text;

    /// <summary>What failed, if anything did.</summary>
    public Exception? Exception => exception;

    /// <inheritdoc/>
    public override string ToString() => exception is null ? $"{code}: {text}." : $"{code}: {text}. Exception: {exception}";
}

/// <summary>Kinds of reason; those that one process cannot have are here so that a switch is complete.</summary>
public enum DeactivationReasonCode : byte
{
    /// <summary>No reason given.</summary>
    None = 0,
    /// <summary>The silo stops.</summary>
    ShuttingDown = 1,
    /// <summary>Constructor, state or OnActivateAsync failed.</summary>
    ActivationFailed = 2,
    /// <summary>Cluster only.</summary>
    DirectoryFailure = 3,
    /// <summary>Collected after its idle age.</summary>
    ActivationIdle = 4,
    /// <summary>Cluster only.</summary>
    ActivationUnresponsive = 5,
    /// <summary>Cluster only.</summary>
    DuplicateActivation = 6,
    /// <summary>Cluster only.</summary>
    IncompatibleRequest = 7,
    /// <summary>A request failed in a way that makes the activation's memory doubtful.</summary>
    ApplicationError = 8,
    /// <summary>DeactivateOnIdle.</summary>
    ApplicationRequested = 9,
    /// <summary>Cluster only.</summary>
    Migrating = 10,
    /// <summary>The runtime asked.</summary>
    RuntimeRequested = 11,
    /// <summary>Cluster only.</summary>
    HighMemoryPressure = 12,
}
