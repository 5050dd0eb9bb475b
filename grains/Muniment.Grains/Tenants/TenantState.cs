namespace Muniment.Grains.Tenants;

/// <summary>What the tenant's and the directory's grains persist: a JSON document and the version under which gateways know it.</summary>
[GenerateSerializer, Alias("muniment.tenant.state")]
public sealed class TenantState
{
    /// <summary>Name of the storage provider.</summary>
    public const string StorageName = "muniment";

    /// <summary>The document; empty before the first change.</summary>
    [Id(0)]
    public string Document { get; set; } = "";

    /// <summary>Grows with each change.</summary>
    [Id(1)]
    public long Version { get; set; }
}
