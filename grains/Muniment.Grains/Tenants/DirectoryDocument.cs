using System.Collections.Immutable;
using System.Text.Json;
using Muniment.Events.Administration;

namespace Muniment.Grains.Tenants;

/// <summary>The list of tenants as one JSON document.</summary>
public sealed record DirectoryDocument
{
    /// <summary>Tenants by id.</summary>
    public ImmutableSortedDictionary<string, TenantRecord> Tenants { get; init; } = ImmutableSortedDictionary.Create<string, TenantRecord>(StringComparer.Ordinal);

    /// <summary>Admin events that may not stand in their journals yet.</summary>
    public ImmutableArray<OutboxEntry> Outbox { get; init; } = [];

    /// <summary>Reads a stored document; an empty text is no tenants.</summary>
    public static DirectoryDocument Parse(string json)
    {
        if (json.Length == 0)
        {
            return new DirectoryDocument();
        }

        DirectoryDocument document = JsonSerializer.Deserialize(json, TenantJson.Default.DirectoryDocument) ?? throw new JsonException("the stored directory is null");
        return document with { Outbox = document.Outbox.IsDefault ? [] : document.Outbox, Tenants = document.Tenants.ToImmutableSortedDictionary(StringComparer.Ordinal) };
    }

    /// <summary>The text to store.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, TenantJson.Default.DirectoryDocument);
}
