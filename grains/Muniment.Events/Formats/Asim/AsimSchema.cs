using Muniment.Events.Canonical;
using Muniment.Events.Formats.Meaning;

namespace Muniment.Events.Formats.Asim;

/// <summary>Schema and <c>EventType</c> of an event in ASIM.</summary>
/// <param name="Name"><c>EventSchema</c></param>
/// <param name="Version"><c>EventSchemaVersion</c></param>
/// <param name="EventType"><c>EventType</c></param>
internal readonly record struct AsimSchema(string Name, string Version, string EventType)
{
    public const string Audit = "AuditEvent", File = "FileEvent", Authentication = "Authentication", UserManagement = "UserManagement";

    /// <summary>
    /// Chooses. Commands are audit events of type <c>Execute</c>: agents tell no process ids, and a ProcessEvent must have them.
    /// </summary>
    public static AsimSchema Of(CanonicalEvent e, in EventMeaning meaning) => meaning.Family switch
    {
        ActionFamily.File when !string.IsNullOrEmpty(e.Target) || !string.IsNullOrEmpty(e.Artifact?.Name) => new(File, "0.2.1", meaning.Verb switch
        {
            ActionVerb.Create => "FileCreated",
            ActionVerb.Update => "FileModified",
            ActionVerb.Delete => "FileDeleted",
            ActionVerb.Rename => "FileRenamed",
            _ => "FileAccessed",
        }),
        ActionFamily.Authentication => new(Authentication, "0.1.3", meaning.Verb == ActionVerb.Logout ? "Logoff" : "Logon"),
        ActionFamily.Account or ActionFamily.Access => new(UserManagement, "0.1.1", meaning.Verb switch
        {
            ActionVerb.Create when meaning.Family == ActionFamily.Account => "UserCreated",
            ActionVerb.Delete when meaning.Family == ActionFamily.Account => "UserDeleted",
            ActionVerb.Enable => "UserEnabled",
            ActionVerb.Disable => "UserDisabled",
            ActionVerb.Read => "UserRead",
            _ => "UserModified",
        }),
        _ => new(Audit, "0.1.2", meaning.Verb switch
        {
            ActionVerb.Create => "Create",
            ActionVerb.Read or ActionVerb.Export => "Read",
            ActionVerb.Update or ActionVerb.Rename => "Set",
            ActionVerb.Delete => "Delete",
            ActionVerb.Execute => "Execute",
            ActionVerb.Start => "Start",
            ActionVerb.Stop => "Stop",
            ActionVerb.Enable => "Enable",
            ActionVerb.Disable => "Disable",
            ActionVerb.Install => "Install",
            ActionVerb.Clear => "Clear",
            _ => "Other",
        }),
    };
}
