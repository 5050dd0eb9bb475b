namespace Muniment.Events.Canonical.Sessions;

/// <summary>Which sessions a caller wants and may see; null for "any".</summary>
/// <param name="User">Human.</param>
/// <param name="Agent">Agent.</param>
/// <param name="Project">Project.</param>
/// <param name="OwnUser">Human that the caller's key is bound to.</param>
/// <param name="OwnProject">Project that the caller's key is bound to.</param>
public sealed record SessionFilter(string? User, string? Agent, string? Project, string? OwnUser, string? OwnProject)
{
    /// <summary>Whether a session is wanted. A bound key sees sessions that are its own alone.</summary>
    public bool Matches(SessionFold fold) =>
        (User is null || fold.User == User) && (Agent is null || fold.Agent == Agent) && (Project is null || fold.Project == Project)
        && (OwnUser is null || (!fold.HasOtherUsers && fold.User == OwnUser))
        && (OwnProject is null || (!fold.HasOtherProjects && fold.Project == OwnProject));
}
