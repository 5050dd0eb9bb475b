namespace Muniment.Policy.Documents.Locks;

/// <summary>Why two policies may not stand in force together: the lower one is looser than the locked one above it.</summary>
/// <param name="Locked">Name of the locked policy.</param>
/// <param name="Policy">Name of the looser policy below it.</param>
/// <param name="Rule">The rule or limit that is too loose; <c>default</c>, <c>mode</c> or <c>uncovered</c> where it is no rule.</param>
/// <param name="Message">One sentence that names both.</param>
public sealed record LockConflict(string Locked, string Policy, string Rule, string Message);
