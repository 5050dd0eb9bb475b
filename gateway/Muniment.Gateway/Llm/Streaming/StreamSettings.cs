using Muniment.Policy.Documents;

namespace Muniment.Gateway.Llm.Streaming;

/// <summary>What the rewriter of a stream must know.</summary>
/// <param name="SwallowUsage">The gateway asked for the chunk with the usage, the client did not.</param>
/// <param name="Reasoning">What becomes of signed reasoning in which something was found.</param>
/// <param name="DenyUncovered">Whether an answer with media in it must not pass.</param>
internal sealed record StreamSettings(bool SwallowUsage = false, ReasoningMode Reasoning = ReasoningMode.Drop, bool DenyUncovered = false);
