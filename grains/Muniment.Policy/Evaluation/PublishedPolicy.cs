using Muniment.Policy.Documents;

namespace Muniment.Policy.Evaluation;

/// <summary>One policy in force.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Version">Its version.</param>
/// <param name="Document">Its content.</param>
public sealed record PublishedPolicy(string Name, int Version, PolicyDocument Document);
