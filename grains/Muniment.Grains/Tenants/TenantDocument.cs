using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Muniment.Events.Administration;
using Muniment.Messages.Tenants;

namespace Muniment.Grains.Tenants;

/// <summary>Everything that a tenant's grain owns, as one JSON document: readable by every storage provider and by people. Immutable; a change makes a new one.</summary>
public sealed record TenantDocument
{
    /// <summary>The tenant, or null before it was made.</summary>
    public TenantRecord? Tenant { get; init; }

    /// <summary>Keys that are not revoked, by id.</summary>
    public ImmutableSortedDictionary<string, KeyRecord> Keys { get; init; } = ImmutableSortedDictionary.Create<string, KeyRecord>(StringComparer.Ordinal);

    /// <summary>Settings by scope.</summary>
    public ImmutableSortedDictionary<string, ScopeRecord> Settings { get; init; } = ImmutableSortedDictionary.Create<string, ScopeRecord>(StringComparer.Ordinal);

    /// <summary>Upstreams by name.</summary>
    public ImmutableSortedDictionary<string, UpstreamRecord> Upstreams { get; init; } = ImmutableSortedDictionary.Create<string, UpstreamRecord>(StringComparer.Ordinal);

    /// <summary>The version in force of each policy, by name. The contents lie apart.</summary>
    public ImmutableSortedDictionary<string, PolicyHead> Policies { get; init; } = ImmutableSortedDictionary.Create<string, PolicyHead>(StringComparer.Ordinal);

    /// <summary>Admin events that may not stand in the journal yet.</summary>
    public ImmutableArray<OutboxEntry> Outbox { get; init; } = [];

    /// <summary>Reads a stored document; an empty text is a tenant that was never made.</summary>
    public static TenantDocument Parse(string json)
    {
        if (json.Length == 0)
        {
            return new TenantDocument();
        }

        TenantDocument document = JsonSerializer.Deserialize(json, TenantJson.Default.TenantDocument) ?? throw new JsonException("the stored tenant document is null");
        return document with
        {
            Keys = document.Keys.ToImmutableSortedDictionary(StringComparer.Ordinal),
            Outbox = document.Outbox.IsDefault ? [] : document.Outbox,
            Settings = document.Settings.ToImmutableSortedDictionary(StringComparer.Ordinal),
            Policies = (document.Policies ?? new TenantDocument().Policies).ToImmutableSortedDictionary(StringComparer.Ordinal),
            Upstreams = (document.Upstreams ?? new TenantDocument().Upstreams).ToImmutableSortedDictionary(StringComparer.Ordinal),
        };
    }

    /// <summary>The text to store.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, TenantJson.Default.TenantDocument);
}

/// <summary>A tenant as stored.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Name">What people call it.</param>
/// <param name="Region">Where its data is kept.</param>
/// <param name="EventsPerSecond">Quota; 0 is none.</param>
/// <param name="BytesPerDay">Quota; 0 is none.</param>
/// <param name="DiskBytes">Quota; 0 is none.</param>
/// <param name="CreatedMs">Unix ms.</param>
public sealed record TenantRecord(string Id, string? Name, string? Region, long EventsPerSecond, long BytesPerDay, long DiskBytes, long CreatedMs)
{
    /// <summary>From a message.</summary>
    public static TenantRecord From(TenantMessage message) => new(
        message.Id, message.Name, message.Region, message.Quota.EventsPerSecond, message.Quota.BytesPerDay, message.Quota.DiskBytes, message.CreatedMs);

    /// <summary>To a message.</summary>
    public TenantMessage ToMessage() => new(Id, Name, Region, new QuotaMessage(EventsPerSecond, BytesPerDay, DiskBytes), CreatedMs);
}

/// <summary>A key as stored: its hash, never its text.</summary>
/// <param name="Id">Public id.</param>
/// <param name="Role">Role name.</param>
/// <param name="Name">What people call it.</param>
/// <param name="Hash">SHA-256, base64.</param>
/// <param name="User">Bound user.</param>
/// <param name="Project">Bound project.</param>
/// <param name="ActAs">Whether a body's actor counts.</param>
/// <param name="CreatedMs">Unix ms.</param>
/// <param name="ExpiresMs">Unix ms; 0 is never.</param>
public sealed record KeyRecord(string Id, string Role, string? Name, byte[] Hash, string? User, string? Project, bool ActAs, long CreatedMs, long ExpiresMs)
{
    /// <summary>From a message.</summary>
    public static KeyRecord From(KeyMessage key) => new(
        key.Id, key.Role, key.Name, key.Hash.ToArray(), key.User, key.Project, key.ActAs, key.CreatedMs, key.ExpiresMs);

    /// <summary>To a message.</summary>
    public KeyMessage ToMessage() => new(Id, Role, Name, Hash, User, Project, ActAs, CreatedMs, ExpiresMs);
}

/// <summary>Settings of one scope as stored.</summary>
/// <param name="Version">Grows with each change.</param>
/// <param name="Values">Values as JSON.</param>
/// <param name="Locks">Locked keys.</param>
public sealed record ScopeRecord(long Version, ImmutableSortedDictionary<string, JsonElement> Values, ImmutableSortedSet<string> Locks);

/// <summary>The version of a policy that is in force.</summary>
/// <param name="Version">From 1.</param>
/// <param name="Digest">Of its content.</param>
public sealed record PolicyHead(long Version, string Digest);

/// <summary>An upstream as stored: its credential as a sealed box.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Kind"><c>openai</c>, <c>anthropic</c> or <c>mcp</c>.</param>
/// <param name="BaseUrl">Where it is.</param>
/// <param name="Credential">The box; empty for none.</param>
/// <param name="Shown">The credential's JSON without its secrets.</param>
/// <param name="Fingerprint">Keyed digest of the credential.</param>
public sealed record UpstreamRecord(string Name, string Kind, string BaseUrl, byte[] Credential, string? Shown, string? Fingerprint)
{
    /// <summary>From a message.</summary>
    public static UpstreamRecord From(UpstreamMessage upstream) =>
        new(upstream.Name, upstream.Kind, upstream.BaseUrl, upstream.Credential.ToArray(), upstream.Shown, upstream.Fingerprint);

    /// <summary>To a message.</summary>
    public UpstreamMessage ToMessage() => new(Name, Kind, BaseUrl, Credential, Shown, Fingerprint);
}

/// <summary>How the documents are written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(TenantDocument))]
[JsonSerializable(typeof(DirectoryDocument))]
internal sealed partial class TenantJson : JsonSerializerContext;
