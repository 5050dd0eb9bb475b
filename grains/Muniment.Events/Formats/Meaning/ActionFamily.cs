namespace Muniment.Events.Formats.Meaning;

/// <summary>What an action is about. Every format picks its class, category or schema by it.</summary>
internal enum ActionFamily : byte
{
    /// <summary>None of the others.</summary>
    Other,
    /// <summary>A call of a model, a prompt, an answer.</summary>
    Model,
    /// <summary>A tool that is neither a command nor behind MCP; hooks, skills.</summary>
    Tool,
    /// <summary>A call over MCP.</summary>
    Mcp,
    /// <summary>A shell command or its sandbox.</summary>
    Command,
    /// <summary>A file.</summary>
    File,
    /// <summary>A repository: commits, pull requests.</summary>
    Repository,
    /// <summary>A login.</summary>
    Authentication,
    /// <summary>A user's account.</summary>
    Account,
    /// <summary>What a user or key may do.</summary>
    Access,
    /// <summary>Configuration: policies, keys, destinations, settings.</summary>
    Configuration,
    /// <summary>Life of an application: sessions, installs, collectors.</summary>
    Application,
    /// <summary>An alert.</summary>
    Alert,
    /// <summary>The log itself: exports, purges, erasures.</summary>
    Log,
}
