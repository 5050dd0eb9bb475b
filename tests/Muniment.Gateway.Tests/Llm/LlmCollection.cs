namespace Muniment.Gateway.Tests.Llm;

/// <summary>Tests that share one gateway and its policies, one after the other.</summary>
[CollectionDefinition(nameof(LlmDoor))]
public sealed class LlmCollection : ICollectionFixture<LlmDoor>;
