namespace Muniment.Policy.Commands;

/// <summary>How much a command can do, least first.</summary>
public enum RiskLevel : byte
{
    /// <summary>It reads, or runs tests.</summary>
    Low,
    /// <summary>It writes in the workspace, builds, downloads, or is not known.</summary>
    Medium,
    /// <summary>It reaches outside the workspace, reads secrets, or destroys what is hard to get back.</summary>
    High,
    /// <summary>It runs what nobody has seen, destroys the machine or a protected branch, deploys to production, or blinds those who watch.</summary>
    Critical,
}

/// <summary>Words of <see cref="RiskLevel"/>.</summary>
public static class RiskLevels
{
    /// <summary><c>low|medium|high|critical</c></summary>
    public static string Word(this RiskLevel level) => level switch
    {
        RiskLevel.Low => "low",
        RiskLevel.Medium => "medium",
        RiskLevel.High => "high",
        _ => "critical",
    };
}
