namespace Muniment.Journal.Sessions;

/// <summary>What one step of the projection came to.</summary>
public enum SessionStepOutcome
{
    /// <summary>Everything is folded.</summary>
    Idle,
    /// <summary>It went on.</summary>
    Advanced,
    /// <summary>Another owner moved it or took it over. Nothing was written; the next step reads where it stands.</summary>
    Overtaken,
}

/// <summary>One step of the projection.</summary>
/// <param name="Outcome">What it came to.</param>
/// <param name="NextSeq">First seq that is not folded.</param>
/// <param name="Size">Size of the log at its beginning.</param>
/// <param name="Events">Events folded.</param>
public readonly record struct SessionStep(SessionStepOutcome Outcome, long NextSeq, long Size, long Events);
