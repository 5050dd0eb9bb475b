namespace Muniment.Messages.Tenants;

/// <summary>How a change of a tenant ended.</summary>
[GenerateSerializer, Alias("muniment.tenant.change-status")]
public enum TenantChangeStatus
{
    /// <summary>Stored.</summary>
    Done,
    /// <summary>Stored already with the same content; nothing changed.</summary>
    Unchanged,
    /// <summary>There is no such thing.</summary>
    NotFound,
    /// <summary>It exists already, or was changed since the version that was named.</summary>
    Conflict,
    /// <summary>A higher level locks the setting.</summary>
    Locked,
    /// <summary>The named limit is reached.</summary>
    LimitReached,
    /// <summary>This change, or one before it, is stored and could not be recorded in the journal yet. It is recorded as soon as the journal takes it.</summary>
    Unrecorded,
}
