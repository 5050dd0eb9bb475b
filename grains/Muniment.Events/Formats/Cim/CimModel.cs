using Muniment.Events.Formats.Meaning;

namespace Muniment.Events.Formats.Cim;

/// <summary>Splunk's data models, as far as events of agents belong to one.</summary>
internal enum CimModel : byte
{
    /// <summary>None: a call of a model or a tool. The common names are written all the same.</summary>
    None,
    /// <summary><c>Change.All_Changes</c></summary>
    Change,
    /// <summary><c>Endpoint.Processes</c></summary>
    Processes,
    /// <summary><c>Endpoint.Filesystem</c></summary>
    Filesystem,
    /// <summary><c>Authentication</c></summary>
    Authentication,
    /// <summary><c>Alerts</c></summary>
    Alerts,
}

/// <summary>Chooses model and <c>action</c>.</summary>
internal static class CimWords
{
    public static CimModel ModelOf(ActionFamily family) => family switch
    {
        ActionFamily.Command => CimModel.Processes,
        ActionFamily.File => CimModel.Filesystem,
        ActionFamily.Authentication => CimModel.Authentication,
        ActionFamily.Account or ActionFamily.Access or ActionFamily.Configuration or ActionFamily.Log or ActionFamily.Application or ActionFamily.Repository => CimModel.Change,
        ActionFamily.Alert => CimModel.Alerts,
        _ => CimModel.None,
    };

    /// <summary>Name for searches and for the tags that a Splunk administrator sets.</summary>
    public static ReadOnlySpan<byte> NameOf(CimModel model) => model switch
    {
        CimModel.Change => "Change.All_Changes"u8,
        CimModel.Processes => "Endpoint.Processes"u8,
        CimModel.Filesystem => "Endpoint.Filesystem"u8,
        CimModel.Authentication => "Authentication"u8,
        CimModel.Alerts => "Alerts"u8,
        _ => "None"u8,
    };

    /// <summary><c>action</c>, from the words that the model prescribes.</summary>
    public static ReadOnlySpan<byte> ActionOf(CimModel model, in EventMeaning meaning, string result) => model switch
    {
        CimModel.Processes or CimModel.Alerts or CimModel.None => result == "denied" ? "blocked"u8 : "allowed"u8,
        CimModel.Authentication => meaning.Status switch { EventStatus.Success => "success"u8, EventStatus.Failure => result == "error" ? "error"u8 : "failure"u8, _ => "pending"u8 },
        CimModel.Filesystem => meaning.Verb switch
        {
            ActionVerb.Create => "created"u8,
            ActionVerb.Read or ActionVerb.Export => "read"u8,
            ActionVerb.Delete or ActionVerb.Clear => "deleted"u8,
            ActionVerb.Rename => "renamed"u8,
            ActionVerb.Update => "modified"u8,
            _ => "accessed"u8,
        },
        _ => meaning.Verb switch
        {
            ActionVerb.Create or ActionVerb.Install => "created"u8,
            ActionVerb.Read or ActionVerb.Export => "read"u8,
            ActionVerb.Delete => "deleted"u8,
            ActionVerb.Clear => "cleared"u8,
            ActionVerb.Start => "started"u8,
            ActionVerb.Stop => "stopped"u8,
            _ => meaning.Family == ActionFamily.Access ? "acl_modified"u8 : "modified"u8,
        },
    };
}
