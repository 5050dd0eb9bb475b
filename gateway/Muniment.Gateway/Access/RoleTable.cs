namespace Muniment.Gateway.Access;

/// <summary>The contract's table "may": which roles have a permission. The only place where that is decided.</summary>
public static class RoleTable
{
    /// <summary>Whether a role has a permission.</summary>
    public static bool Allows(Role role, Permission permission) => permission switch
    {
        Permission.Anyone => true,
        _ when role is Role.SuperAdmin => true,
        Permission.Ingest => role is Role.Ingest or Role.Agent or Role.Admin,
        Permission.Decide => role is Role.Agent or Role.Admin,
        Permission.ReadEvents or Permission.ReadAnalytics => role is Role.Analyst or Role.Auditor or Role.Admin,
        Permission.ReadConfiguration or Permission.Prove => role is Role.Auditor or Role.Admin,
        Permission.WriteConfiguration or Permission.Administer => role is Role.Admin,
        Permission.Platform => false,
        _ => false,
    };

    /// <summary>The lowest roles that have a permission, for the 403's sentence.</summary>
    public static string Expected(Permission permission) =>
        string.Join(", ", Enum.GetValues<Role>().Where(role => Allows(role, permission)).Select(role => role.Name()));
}
