namespace Muniment.Messages.Tenants;

/// <summary>What a tenant may use. Zero is no limit.</summary>
/// <param name="EventsPerSecond">Events accepted a second, averaged over a few seconds.</param>
/// <param name="BytesPerDay">Decoded bytes accepted a UTC day.</param>
/// <param name="DiskBytes">Bytes its journal may take on disk.</param>
[GenerateSerializer, Immutable, Alias("muniment.tenant.quota")]
public sealed record QuotaMessage([property: Id(0)] long EventsPerSecond, [property: Id(1)] long BytesPerDay, [property: Id(2)] long DiskBytes)
{
    /// <summary>No limits.</summary>
    public static QuotaMessage None { get; } = new(0, 0, 0);
}
