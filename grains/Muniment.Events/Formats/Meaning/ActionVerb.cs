namespace Muniment.Events.Formats.Meaning;

/// <summary>What was done, whatever word the action uses for it.</summary>
internal enum ActionVerb : byte
{
    /// <summary>None of the others.</summary>
    Other,
    /// <summary>Made.</summary>
    Create,
    /// <summary>Looked at.</summary>
    Read,
    /// <summary>Changed.</summary>
    Update,
    /// <summary>Taken away.</summary>
    Delete,
    /// <summary>Renamed or moved.</summary>
    Rename,
    /// <summary>Ran.</summary>
    Execute,
    /// <summary>Began.</summary>
    Start,
    /// <summary>Ended.</summary>
    Stop,
    /// <summary>Switched on.</summary>
    Enable,
    /// <summary>Switched off.</summary>
    Disable,
    /// <summary>Installed.</summary>
    Install,
    /// <summary>Logged in.</summary>
    Login,
    /// <summary>Logged out.</summary>
    Logout,
    /// <summary>Given out of the log.</summary>
    Export,
    /// <summary>Emptied.</summary>
    Clear,
}
