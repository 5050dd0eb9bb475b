using Muniment.Events.Canonical;
using Muniment.Events.Formats.Meaning;

namespace Muniment.Events.Formats.Udm;

/// <summary><c>metadata.event_type</c>. Each type asks for certain nouns; where the event lacks them the type is <c>GENERIC_EVENT</c>, which asks for none.</summary>
internal static class UdmEventType
{
    public const string Generic = "GENERIC_EVENT";

    public static string Of(CanonicalEvent e, in EventMeaning meaning) => meaning.Family switch
    {
        ActionFamily.Command => !string.IsNullOrEmpty(e.Tool?.Command) ? meaning.Verb == ActionVerb.Stop ? "PROCESS_TERMINATION" : "PROCESS_LAUNCH" : Generic,
        ActionFamily.File when !string.IsNullOrEmpty(e.Target) || !string.IsNullOrEmpty(e.Artifact?.Name) => meaning.Verb switch
        {
            ActionVerb.Create => "FILE_CREATION",
            ActionVerb.Read => "FILE_READ",
            ActionVerb.Update => "FILE_MODIFICATION",
            ActionVerb.Delete => "FILE_DELETION",
            _ => "FILE_UNCATEGORIZED",
        },
        ActionFamily.Authentication => meaning.Verb == ActionVerb.Logout ? "USER_LOGOUT" : "USER_LOGIN",
        ActionFamily.Account when !string.IsNullOrEmpty(e.Target) => meaning.Verb switch { ActionVerb.Create => "USER_CREATION", ActionVerb.Delete => "USER_DELETION", _ => "USER_UNCATEGORIZED" },
        ActionFamily.Access when !string.IsNullOrEmpty(e.Target) => "USER_CHANGE_PERMISSIONS",
        ActionFamily.Configuration when !string.IsNullOrEmpty(e.Target) => meaning.Verb switch
        {
            ActionVerb.Create => "SETTING_CREATION", ActionVerb.Delete => "SETTING_DELETION", ActionVerb.Read => "USER_RESOURCE_ACCESS", _ => "SETTING_MODIFICATION",
        },
        ActionFamily.Repository when Resource(e) is not null => meaning.Verb switch
        {
            ActionVerb.Create => "USER_RESOURCE_CREATION", ActionVerb.Delete => "USER_RESOURCE_DELETION", ActionVerb.Read => "USER_RESOURCE_ACCESS", _ => "USER_RESOURCE_UPDATE_CONTENT",
        },
        ActionFamily.Model when Model(e) is not null || Resource(e) is not null => "USER_RESOURCE_ACCESS",
        ActionFamily.Tool or ActionFamily.Mcp when Resource(e) is not null => "USER_RESOURCE_ACCESS",
        ActionFamily.Application => "STATUS_UPDATE",
        ActionFamily.Log when meaning.Verb is ActionVerb.Delete or ActionVerb.Clear => "SYSTEM_AUDIT_LOG_WIPE",
        _ => Generic,
    };

    /// <summary>The model that answered, else the one asked for.</summary>
    public static string? Model(CanonicalEvent e) => !string.IsNullOrEmpty(e.Model?.Served) ? e.Model.Served : !string.IsNullOrEmpty(e.Model?.Requested) ? e.Model.Requested : null;

    /// <summary>What was used: the target, else the repository, the tool, the model.</summary>
    public static string? Resource(CanonicalEvent e)
    {
        foreach (string? name in (ReadOnlySpan<string?>)[e.Target, e.Resource?.Repo, e.Tool?.Name, Model(e)])
        {
            if (!string.IsNullOrEmpty(name))
            {
                return name;
            }
        }

        return null;
    }
}
