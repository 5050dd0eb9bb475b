using Muniment.Events.Canonical;
using Muniment.Events.Formats.Meaning;

namespace Muniment.Events.Formats.Ocsf;

/// <summary>Class and activity of an event in OCSF 1.8.0.</summary>
/// <param name="Uid"><c>class_uid</c></param>
/// <param name="Name"><c>class_name</c></param>
/// <param name="Activity"><c>activity_id</c>; 99 when the class has none that fits, then <c>activity_name</c> is the action.</param>
/// <param name="ActivityName"><c>activity_name</c></param>
internal readonly record struct OcsfClass(int Uid, string Name, int Activity, string ActivityName)
{
    public const int FileActivity = 1001, ProcessActivity = 1007, EventLogActivity = 1008, DetectionFinding = 2004, AccountChange = 3001, Authentication = 3002, EntityManagement = 3004,
        UserAccess = 3005, WebResources = 6001, ApplicationLifecycle = 6002, ApiActivity = 6003;

    /// <summary><c>category_uid</c></summary>
    public int Category => Uid / 1000;

    /// <summary><c>category_name</c></summary>
    public string CategoryName => Category switch
    {
        1 => "System Activity",
        2 => "Findings",
        3 => "Identity & Access Management",
        _ => "Application Activity",
    };

    /// <summary>Chooses. Where the event lacks what a class requires, API Activity carries it.</summary>
    public static OcsfClass Of(CanonicalEvent e, in EventMeaning meaning)
    {
        int uid = meaning.Family switch
        {
            ActionFamily.Command => ProcessActivity,
            ActionFamily.File when FileName(e) is not null => FileActivity,
            ActionFamily.Repository when WebResource(e) is not null => WebResources,
            ActionFamily.Authentication => Authentication,
            ActionFamily.Account when e.Target is not null => AccountChange,
            ActionFamily.Access when e.Target is not null && e.Artifact?.Name is not null => UserAccess,
            ActionFamily.Access when e.Target is not null => AccountChange,
            ActionFamily.Configuration => EntityManagement,
            ActionFamily.Application => ApplicationLifecycle,
            ActionFamily.Alert => DetectionFinding,
            ActionFamily.Log => EventLogActivity,
            _ => ApiActivity,
        };
        (int activity, string name) = ActivityOf(uid, meaning.Verb, e.Action);
        return new OcsfClass(uid, NameOf(uid), activity, name);
    }

    /// <summary>The file's name or path, where there is one.</summary>
    public static string? FileName(CanonicalEvent e) => NotEmpty(e.Target) ?? NotEmpty(e.Artifact?.Name);

    /// <summary>The repository, where there is one.</summary>
    public static string? WebResource(CanonicalEvent e) => NotEmpty(e.Resource?.Repo) ?? NotEmpty(e.Target);

    /// <summary>Null for an empty text: OCSF wants a value where it wants a name.</summary>
    public static string? NotEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;

    private static string NameOf(int uid) => uid switch
    {
        FileActivity => "File System Activity",
        ProcessActivity => "Process Activity",
        EventLogActivity => "Event Log Activity",
        DetectionFinding => "Detection Finding",
        AccountChange => "Account Change",
        Authentication => "Authentication",
        EntityManagement => "Entity Management",
        UserAccess => "User Access Management",
        WebResources => "Web Resources Activity",
        ApplicationLifecycle => "Application Lifecycle",
        _ => "API Activity",
    };

    private static (int Id, string Name) ActivityOf(int uid, ActionVerb verb, string action) => (uid, verb) switch
    {
        (ProcessActivity, ActionVerb.Execute or ActionVerb.Start) => (1, "Launch"),
        (ProcessActivity, ActionVerb.Stop) => (2, "Terminate"),
        (FileActivity or EntityManagement or WebResources or ApiActivity, ActionVerb.Create) => (1, "Create"),
        (FileActivity or EntityManagement or WebResources or ApiActivity, ActionVerb.Read) => (2, "Read"),
        (FileActivity or EntityManagement or WebResources or ApiActivity, ActionVerb.Update) => (3, "Update"),
        (FileActivity or EntityManagement or WebResources or ApiActivity, ActionVerb.Delete) => (4, "Delete"),
        (FileActivity, ActionVerb.Rename) => (5, "Rename"),
        (EntityManagement, ActionVerb.Rename) => (5, "Move"),
        (EntityManagement, ActionVerb.Enable) => (8, "Enable"),
        (EntityManagement, ActionVerb.Disable) => (9, "Disable"),
        (WebResources or EventLogActivity, ActionVerb.Export) => uid == WebResources ? (7, "Export") : (3, "Export"),
        (EventLogActivity, ActionVerb.Clear) => (1, "Clear"),
        (EventLogActivity, ActionVerb.Delete) => (2, "Delete"),
        (EventLogActivity, ActionVerb.Start) => (6, "Start"),
        (EventLogActivity, ActionVerb.Stop) => (7, "Stop"),
        (Authentication, ActionVerb.Login) => (1, "Logon"),
        (Authentication, ActionVerb.Logout) => (2, "Logoff"),
        (AccountChange, ActionVerb.Create) => (1, "Create"),
        (AccountChange, ActionVerb.Enable) => (2, "Enable"),
        (AccountChange, ActionVerb.Disable) => (5, "Disable"),
        (AccountChange, ActionVerb.Delete) => (6, "Delete"),
        (UserAccess, ActionVerb.Create or ActionVerb.Update) => (1, "Assign Privileges"),
        (UserAccess, ActionVerb.Delete) => (2, "Revoke Privileges"),
        (ApplicationLifecycle, ActionVerb.Install) => (1, "Install"),
        (ApplicationLifecycle, ActionVerb.Delete) => (2, "Remove"),
        (ApplicationLifecycle, ActionVerb.Start) => (3, "Start"),
        (ApplicationLifecycle, ActionVerb.Stop) => (4, "Stop"),
        (ApplicationLifecycle, ActionVerb.Enable) => (6, "Enable"),
        (ApplicationLifecycle, ActionVerb.Disable) => (7, "Disable"),
        (ApplicationLifecycle, ActionVerb.Update) => (8, "Update"),
        (DetectionFinding, ActionVerb.Update) => (2, "Update"),
        (DetectionFinding, ActionVerb.Stop) => (3, "Close"),
        (DetectionFinding, _) => (1, "Create"),
        _ => (99, action),
    };
}
