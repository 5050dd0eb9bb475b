using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Muniment.Events.Administration;
using Muniment.Messages.Tenants;

namespace Muniment.Grains.Approvals;

/// <summary>What waits for a word, what has had one, and admin events that may not stand in the journal yet. Immutable.</summary>
public sealed record ApprovalDocument
{
    /// <summary>By id.</summary>
    public ImmutableSortedDictionary<string, ApprovalMessage> Approvals { get; init; } = ImmutableSortedDictionary.Create<string, ApprovalMessage>(StringComparer.Ordinal);

    /// <summary>Admin events that may not stand in the journal yet.</summary>
    public ImmutableArray<OutboxEntry> Outbox { get; init; } = [];

    /// <summary>Reads a stored document; an empty text is none.</summary>
    public static ApprovalDocument Parse(string json)
    {
        if (json.Length == 0)
        {
            return new ApprovalDocument();
        }

        ApprovalDocument document = JsonSerializer.Deserialize(json, ApprovalJson.Default.ApprovalDocument) ?? throw new JsonException("the stored approvals are null");
        return document with { Outbox = document.Outbox.IsDefault ? [] : document.Outbox, Approvals = document.Approvals.ToImmutableSortedDictionary(StringComparer.Ordinal) };
    }

    /// <summary>The text to store.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, ApprovalJson.Default.ApprovalDocument);
}

/// <summary>How they are written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ApprovalDocument))]
internal sealed partial class ApprovalJson : JsonSerializerContext;
