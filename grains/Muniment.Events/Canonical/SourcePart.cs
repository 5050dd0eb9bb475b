namespace Muniment.Events.Canonical;

/// <summary>How the event came in; set by the server only. Members are named after the contract's JSON fields.</summary>
public sealed class SourcePart
{
    /// <summary><c>key</c></summary>
    public string? Key { get; set; }
    /// <summary><c>receiver</c></summary>
    public string? Receiver { get; set; }
    /// <summary><c>address</c></summary>
    public string? Address { get; set; }
    /// <summary><c>dialect</c></summary>
    public string? Dialect { get; set; }
    /// <summary><c>mapper</c></summary>
    public int Mapper { get; set; }
    /// <summary><c>imported</c></summary>
    public bool Imported { get; set; }
    /// <summary><c>verified</c></summary>
    public IReadOnlyList<string> Verified { get; set; } = [];
}
