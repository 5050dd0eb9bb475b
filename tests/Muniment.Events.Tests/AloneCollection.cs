namespace Muniment.Events.Tests;

/// <summary>Tests that others beside them would disturb.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AloneCollection
{
    public const string Name = "alone";
}
