namespace Muniment.TestData;

/// <summary>One made-up step of an agent, before it takes a form.</summary>
internal sealed record GeneratedEvent
{
    public required long TimeNs { get; init; }
    public required string Correlation { get; init; }
    public required string Session { get; init; }
    public required byte[] TraceId { get; init; }
    public required byte[] SpanId { get; init; }
    public required string Agent { get; init; }
    public required string User { get; init; }
    public required string Tool { get; init; }
    public required string Action { get; init; }
    public required string Verdict { get; init; }
    public required string Policy { get; init; }
    public required long PolicyVersion { get; init; }
    public required string Model { get; init; }
    public required long InputTokens { get; init; }
    public required long OutputTokens { get; init; }
    public required double DurationMs { get; init; }
    public required string Path { get; init; }
    public required string? Digest { get; init; }
    public required string Text { get; init; }
}
