using System.Text.Json;
using Muniment.Events.Keys;
using Muniment.Messages.Tenants;

namespace Muniment.Gateway.Upstreams;

/// <summary>Seals credentials on their way to the tenant's grain and opens them for use; in between they are never clear text.</summary>
internal static class UpstreamSecrets
{
    /// <summary>The message of an upstream.</summary>
    public static UpstreamMessage Seal(TenantKeys keys, string name, UpstreamKind kind, string baseUrl, JsonElement credential)
    {
        if (credential.ValueKind is JsonValueKind.Undefined)
        {
            return new UpstreamMessage(name, kind.Name(), baseUrl, default, null, null);
        }

        byte[] json = JsonSerializer.SerializeToUtf8Bytes(credential);
        return new UpstreamMessage(name, kind.Name(), baseUrl, SecretBox.Seal(keys, Purpose(name), json), UpstreamCredential.Show(credential), SecretBox.Fingerprint(keys, json));
    }

    /// <summary>An upstream ready for use; null when its credential cannot be opened or this version does not know its kind: it then answers as one that is not there.</summary>
    public static Upstream? Open(UpstreamMessage message, Func<uint, TenantKeys?> findKeys)
    {
        if (!UpstreamKinds.TryParse(message.Kind, out UpstreamKind kind) || !Uri.TryCreate(message.BaseUrl, UriKind.Absolute, out Uri? url))
        {
            return null;
        }

        if (message.Credential.IsEmpty)
        {
            return new Upstream(message.Name, kind, url, null);
        }

        if (SecretBox.Open(message.Credential.Span, findKeys, Purpose(message.Name)) is not { } json)
        {
            return null;
        }

        using JsonDocument document = JsonDocument.Parse(json);
        return UpstreamCredential.Read(document.RootElement) is { } credential ? new Upstream(message.Name, kind, url, credential) : null;
    }

    private static string Purpose(string name) => "upstream\n" + name;
}
