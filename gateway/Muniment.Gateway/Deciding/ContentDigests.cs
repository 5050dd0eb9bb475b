using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Muniment.Events.Keys;
using Muniment.Policy.Evaluation;

namespace Muniment.Gateway.Deciding;

/// <summary>
/// Keyed digests of contents: who has the text and the tenant's key can tell that this text was there, and nobody can guess a short text from its digest. Over the text as UTF-16, so that a call
/// with few texts makes no copies.
/// </summary>
internal static class ContentDigests
{
    private const int SizeBytes = 16;

    // Setting up a keyed hash costs more than hashing a text. A thread keeps those of the tenant that it served last.
    [ThreadStatic]
    private static (TenantKeys Keys, IncrementalHash One, IncrementalHash All)? _hashes;

    /// <summary>Writes <c>texts</c>: pointer, role, length and digest of each, and one over all.</summary>
    public static void Write(Utf8JsonWriter json, ImmutableArray<InspectedText> texts, TenantKeys keys)
    {
        if (texts.IsEmpty)
        {
            return;
        }

        (IncrementalHash one, IncrementalHash all) = Take(keys);
        Span<byte> digest = stackalloc byte[HMACSHA256.HashSizeInBytes];
        Span<char> hex = stackalloc char[2 * SizeBytes];
        json.WriteStartArray("digests"u8);
        for (int i = 0; i < texts.Length; i++)
        {
            InspectedText text = texts[i];
            one.AppendData(MemoryMarshal.AsBytes(text.Text.AsSpan()));
            one.GetHashAndReset(digest);
            all.AppendData(digest);
            if (i < DecisionRecord.MaxDigests)
            {
                json.WriteStartObject();
                json.WriteString("pointer"u8, RecordPointer.Of(text.Pointer));
                if (text.Role.Length > 0)
                {
                    json.WriteString("role"u8, text.Role);
                }

                json.WriteNumber("chars"u8, text.Text.Length);
                Convert.TryToHexStringLower(digest[..SizeBytes], hex, out _);
                json.WriteString("hmac"u8, hex);
                json.WriteEndObject();
            }
        }

        json.WriteEndArray();
        all.GetHashAndReset(digest);
        json.WriteString("digest"u8, "hmac-sha256:" + Convert.ToHexStringLower(digest[..SizeBytes]));
        GiveBack(keys, one, all);
    }

    // Taken, not borrowed: a hash that an exception left half fed never comes back.
    private static (IncrementalHash One, IncrementalHash All) Take(TenantKeys keys)
    {
        if (_hashes is { } known && ReferenceEquals(known.Keys, keys))
        {
            _hashes = null;
            return (known.One, known.All);
        }

        return (IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, keys.DedupKey.Span), IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, keys.DedupKey.Span));
    }

    private static void GiveBack(TenantKeys keys, IncrementalHash one, IncrementalHash all)
    {
        _hashes?.One.Dispose();
        _hashes?.All.Dispose();
        _hashes = (keys, one, all);
    }

    /// <summary>What an approval is bound to: the key and all that was decided on, so that nothing else passes with it.</summary>
    public static string OfRequest(string keyId, DecisionRequest request, TenantKeys keys)
    {
        using IncrementalHash hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, keys.DedupKey.Span);
        Add(hash, "approval");
        Add(hash, keyId);
        Add(hash, request.Action);
        Add(hash, request.Target);
        Add(hash, request.Model);
        Add(hash, request.Caller.User);
        Add(hash, request.Caller.Project);
        Add(hash, request.Tool?.Name);
        Add(hash, request.Tool?.Server);
        Add(hash, request.Tool?.Command);
        hash.AppendData(BitConverter.GetBytes(request.Tool?.Args.Length ?? -1));
        hash.AppendData(request.Tool is { } tool ? tool.Args.Span : default);
        foreach (InspectedText text in request.Texts)
        {
            Add(hash, text.Pointer);
            Add(hash, text.Text);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    // The length goes before, so that two fields never read as one.
    private static void Add(IncrementalHash hash, string? text)
    {
        hash.AppendData(BitConverter.GetBytes(text?.Length ?? -1));
        hash.AppendData(Encoding.Unicode.GetBytes(text ?? ""));
    }
}
