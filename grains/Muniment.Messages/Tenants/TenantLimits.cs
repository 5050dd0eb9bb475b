namespace Muniment.Messages.Tenants;

/// <summary>Limits of what a tenant's configuration may hold; the same at the door and in the grain.</summary>
public static class TenantLimits
{
    /// <summary>Most tenants of an installation.</summary>
    public const int MaxTenants = 10_000;

    /// <summary>Most keys of a tenant that are not revoked.</summary>
    public const int MaxKeys = 4_000;

    /// <summary>Most scopes with settings.</summary>
    public const int MaxSettingsScopes = 4_000;

    /// <summary>Most settings of one scope.</summary>
    public const int MaxSettingsPerScope = 256;

    /// <summary>Most characters of all that a tenant's grain keeps; what a grain's state may have, with room for escapes.</summary>
    public const int MaxDocumentLength = 1_500_000;

    /// <summary>Longest name, user, project or settings key in characters.</summary>
    public const int MaxNameLength = 200;

    /// <summary>Longest value of a setting as JSON.</summary>
    public const int MaxSettingLength = 8192;

    /// <summary>Most upstreams of a tenant.</summary>
    public const int MaxUpstreams = 64;

    /// <summary>Most bytes of an upstream's credential as JSON.</summary>
    public const int MaxCredentialSizeBytes = 4096;

    /// <summary>Most characters of an upstream's base URL.</summary>
    public const int MaxUrlLength = 2048;

    /// <summary>Most policies of a tenant.</summary>
    public const int MaxPolicies = 200;

    /// <summary>Most characters of a policy's document.</summary>
    public const int MaxPolicyLength = 256 * 1024;
}
