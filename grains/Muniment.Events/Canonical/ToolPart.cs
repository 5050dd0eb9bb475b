namespace Muniment.Events.Canonical;

/// <summary>The tool. Members are named after the contract's JSON fields.</summary>
public sealed class ToolPart
{
    /// <summary><c>name</c></summary>
    public string? Name { get; set; }
    /// <summary><c>namespace</c></summary>
    public string? Namespace { get; set; }
    /// <summary><c>server</c></summary>
    public string? Server { get; set; }
    /// <summary><c>call</c></summary>
    public string? Call { get; set; }
    /// <summary><c>command</c></summary>
    public string? Command { get; set; }
    /// <summary><c>duration_ms</c></summary>
    public double? DurationMs { get; set; }
    /// <summary><c>success</c></summary>
    public bool? Success { get; set; }
    /// <summary><c>exit_code</c></summary>
    public long? ExitCode { get; set; }
}
