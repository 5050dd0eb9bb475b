using System.Collections.Immutable;

namespace Muniment.Delivery.Kinds.Webhook;

/// <summary>One secret, or two with a blank between them while a receiver changes from one to the other: every request is signed with each.</summary>
internal static class WebhookSecret
{
    public const string Expected = "whsec_ and the base64 of 24 to 64 random bytes; two of them with a blank between while the receiver changes over";

    private const string Prefix = "whsec_";
    private const int MaxSecrets = 2;

    public static bool TryParse(string text, out ImmutableArray<byte[]> keys)
    {
        ImmutableArray<byte[]>.Builder found = ImmutableArray.CreateBuilder<byte[]>();
        keys = [];
        Span<byte> key = stackalloc byte[128];
        foreach (string part in text.Split(' '))
        {
            if (!part.StartsWith(Prefix, StringComparison.Ordinal) || part.Length > 128 || !Convert.TryFromBase64String(part[Prefix.Length..], key, out int length) || length is < 24 or > 64 || found.Count == MaxSecrets)
            {
                return false;
            }

            found.Add(key[..length].ToArray());
        }

        keys = found.ToImmutable();
        return true;
    }
}
