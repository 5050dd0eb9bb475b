using Muniment.Events.Formats.Meaning;

namespace Muniment.Events.Formats.Ecs;

/// <summary><c>event.category</c> and <c>event.type</c>. A type is always one that ECS expects for one of the categories.</summary>
/// <param name="First">First category.</param>
/// <param name="Second">Second category, or null.</param>
/// <param name="Type">First type.</param>
/// <param name="SecondType">Second type, or null.</param>
/// <param name="Verdict"><c>allowed</c> or <c>denied</c>, or null.</param>
internal readonly record struct EcsCategory(string First, string? Second, string Type, string? SecondType, string? Verdict)
{
    /// <summary>Chooses by what the event means and how a control decided.</summary>
    public static EcsCategory Of(in EventMeaning meaning, string result)
    {
        string? verdict = result is "allowed" or "denied" ? result : null;
        bool denied = result == "denied";
        return meaning.Family switch
        {
            // ECS knows no verdict on processes and files, and what was denied did not start or change.
            ActionFamily.Command => Judged("process", denied ? "info" : meaning.Verb is ActionVerb.Execute or ActionVerb.Start ? "start" : meaning.Verb == ActionVerb.Stop ? "end" : "info", verdict),
            ActionFamily.File => Judged("file", denied ? "info" : FileType(meaning.Verb), verdict),
            ActionFamily.Authentication => new("authentication", null, meaning.Verb == ActionVerb.Login ? "start" : meaning.Verb == ActionVerb.Logout ? "end" : "info", null, null),
            ActionFamily.Account => new("iam", null, ChangeType(meaning.Verb), "user", null),
            ActionFamily.Access => new("iam", null, "admin", "user", null),
            ActionFamily.Configuration => new("configuration", null, meaning.Verb == ActionVerb.Read ? "access" : ChangeType(meaning.Verb), null, null),
            ActionFamily.Application when meaning.Verb is ActionVerb.Install => new("package", null, "installation", null, null),
            ActionFamily.Application when meaning.Verb is ActionVerb.Delete => new("package", null, "deletion", null, null),
            ActionFamily.Application when meaning.Verb is ActionVerb.Update or ActionVerb.Enable or ActionVerb.Disable => new("package", null, "change", null, null),
            ActionFamily.Application => new("session", null, meaning.Verb == ActionVerb.Start ? "start" : meaning.Verb == ActionVerb.Stop ? "end" : "info", null, null),
            ActionFamily.Alert => new("intrusion_detection", null, "info", null, verdict),
            _ => new("api", null, ApiType(meaning.Verb), null, verdict),
        };
    }

    private static EcsCategory Judged(string category, string type, string? verdict) => new(category, verdict is null ? null : "intrusion_detection", type, null, verdict);

    private static string FileType(ActionVerb verb) => verb switch
    {
        ActionVerb.Create => "creation",
        ActionVerb.Read or ActionVerb.Export => "access",
        ActionVerb.Update or ActionVerb.Rename => "change",
        ActionVerb.Delete or ActionVerb.Clear => "deletion",
        _ => "info",
    };

    private static string ChangeType(ActionVerb verb) => verb switch
    {
        ActionVerb.Create => "creation",
        ActionVerb.Delete => "deletion",
        ActionVerb.Read => "info",
        _ => "change",
    };

    private static string ApiType(ActionVerb verb) => verb switch
    {
        ActionVerb.Create => "creation",
        ActionVerb.Read or ActionVerb.Execute or ActionVerb.Export => "access",
        ActionVerb.Update or ActionVerb.Rename => "change",
        ActionVerb.Delete or ActionVerb.Clear => "deletion",
        ActionVerb.Start => "start",
        ActionVerb.Stop => "end",
        _ => "info",
    };
}
