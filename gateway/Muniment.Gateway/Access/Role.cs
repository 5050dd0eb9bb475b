namespace Muniment.Gateway.Access;

/// <summary>What a key is for. One role a key.</summary>
public enum Role
{
    /// <summary>Sends to receivers.</summary>
    Ingest,
    /// <summary>Sends, and asks for decisions.</summary>
    Agent,
    /// <summary>Reads events with sensitive text masked.</summary>
    Analyst,
    /// <summary>Reads everything of its tenant.</summary>
    Auditor,
    /// <summary>Does everything in its tenant.</summary>
    Admin,
    /// <summary>Does everything in every tenant.</summary>
    SuperAdmin,
}
