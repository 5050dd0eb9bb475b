namespace Muniment.Messages.Sessions;

/// <summary>Which sessions of a tenant; null for "any".</summary>
/// <param name="User">Human.</param>
/// <param name="Agent">Agent.</param>
/// <param name="Project">Project.</param>
/// <param name="OwnUser">Human that the caller's key is bound to.</param>
/// <param name="OwnProject">Project that the caller's key is bound to.</param>
/// <param name="Before">Only sessions whose last event lies before this seq.</param>
/// <param name="Limit">At most so many.</param>
[GenerateSerializer, Immutable, Alias("muniment.session.question")]
public sealed record SessionQuestion(
    [property: Id(0)] string? User,
    [property: Id(1)] string? Agent,
    [property: Id(2)] string? Project,
    [property: Id(3)] string? OwnUser,
    [property: Id(4)] string? OwnProject,
    [property: Id(5)] long Before,
    [property: Id(6)] int Limit);
