using System.Collections.Immutable;
using Muniment.Gateway.Llm.Texts;
using Muniment.Gateway.Llm.Usage;
using Muniment.Policy.Evaluation;

namespace Muniment.Gateway.Llm.Forwarding;

/// <summary>What an answer was, for its verdict and its record.</summary>
internal sealed record LlmOutcome
{
    public UsageCounts Usage { get; init; }

    public string? ServedModel { get; init; }

    public string? AnswerId { get; init; }

    public string? StopReason { get; init; }

    /// <summary>Texts as they came.</summary>
    public ImmutableArray<InspectedText> Texts { get; init; } = [];

    public IReadOnlyList<UnseenPart> Unseen { get; init; } = [];

    public IReadOnlyList<string> ToolNames { get; init; } = [];

    /// <summary>Why there is no proper answer; null when there is.</summary>
    public string? Failure { get; init; }
}
