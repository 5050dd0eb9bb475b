using System.Text.Json;
using Muniment.Messages.Tenants;

namespace Muniment.Grains.Tenants;

/// <summary>How a tenant's things look from outside and in audit events: JSON without secrets; a key's hash shows as a short fingerprint.</summary>
internal static class TenantViews
{
    public static byte[] Tenant(TenantRecord tenant) => Write(json =>
    {
        json.WriteString("id"u8, tenant.Id);
        json.WriteString("name"u8, tenant.Name);
        json.WriteString("region"u8, tenant.Region);
        json.WriteStartObject("quota"u8);
        json.WriteNumber("events_per_s"u8, tenant.EventsPerSecond);
        json.WriteNumber("bytes_per_day"u8, tenant.BytesPerDay);
        json.WriteNumber("disk_bytes"u8, tenant.DiskBytes);
        json.WriteEndObject();
    });

    public static byte[] Key(KeyRecord key) => Write(json =>
    {
        json.WriteString("id"u8, key.Id);
        json.WriteString("role"u8, key.Role);
        json.WriteString("name"u8, key.Name);
        json.WriteString("project"u8, key.Project);
        json.WriteString("user"u8, key.User);
        json.WriteBoolean("act_as"u8, key.ActAs);
        if (key.ExpiresMs > 0)
        {
            json.WriteString("expires"u8, DateTimeOffset.FromUnixTimeMilliseconds(key.ExpiresMs));
        }

        json.WriteString("key"u8, "***"u8);
        json.WriteString("fingerprint"u8, "sha256:" + Convert.ToHexStringLower(key.Hash.AsSpan(0, 4)));
    });

    public static byte[] Settings(string scope, ScopeRecord settings) => Write(json =>
    {
        json.WriteString("scope"u8, scope);
        json.WriteNumber("version"u8, settings.Version);
        json.WriteStartObject("values"u8);
        foreach ((string name, JsonElement value) in settings.Values)
        {
            json.WritePropertyName(name);
            value.WriteTo(json);
        }

        json.WriteEndObject();
        json.WriteStartArray("locks"u8);
        foreach (string name in settings.Locks)
        {
            json.WriteStringValue(name);
        }

        json.WriteEndArray();
    });

    public static byte[] Upstream(UpstreamRecord upstream) => Write(json =>
    {
        json.WriteString("name"u8, upstream.Name);
        json.WriteString("kind"u8, upstream.Kind);
        json.WriteString("base_url"u8, upstream.BaseUrl);
        if (upstream.Shown is not null)
        {
            json.WritePropertyName("credential"u8);
            json.WriteRawValue(upstream.Shown);
            json.WriteString("fingerprint"u8, upstream.Fingerprint);
        }
    });

    public static byte[] Policy(PolicyMessage policy) => Write(json =>
    {
        json.WriteString("name"u8, policy.Name);
        json.WriteNumber("version"u8, policy.Version);
        json.WriteString("digest"u8, policy.Digest);
        if (policy.Content.Length <= PolicyRules.MaxShownLength)
        {
            json.WritePropertyName("document"u8);
            json.WriteRawValue(policy.Content);
        }
    });

    private static byte[] Write(Action<Utf8JsonWriter> members)
    {
        using var stream = new MemoryStream(256);
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }

        return stream.ToArray();
    }
}
