using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Unicode;
using Muniment.Gateway.Llm.Json;

namespace Muniment.Gateway.Llm.Texts;

/// <summary>
/// What a string holds that is base64 or a data URL (RFC 2397): a text, which is looked into like any other, or something that nobody here can read. It is known by its place and its alphabet, so
/// that no text hides under a name, and whether it is text by what it decodes to, whatever type it is given. An ordinary string has neither <see cref="Text"/> nor <see cref="Why"/>.
/// </summary>
/// <param name="Text">The text, decoded.</param>
/// <param name="Prefix">What stands before the encoded part.</param>
/// <param name="Why">Why it was not looked into, see <see cref="UnseenPart"/>; empty for numbers, which hold nothing to read.</param>
internal readonly record struct EncodedText(string? Text, string Prefix, string? Why)
{
    /// <summary>Shortest value that is taken for media by its name and alphabet alone.</summary>
    public const int ShortestMediaBytes = 256;

    private const int ShortestSealedBytes = 64;
    private const int LongestEscapedStartBytes = 30; // "data:" with every letter escaped
    private const string Base64Mark = ";base64";

    private static readonly SearchValues<byte> Base64Bytes = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/=-_ \t\r\n"u8);
    private static readonly SearchValues<char> MediaTypeChars = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/+-._;=\"'");

    /// <summary>Looks at a string of a document.</summary>
    /// <param name="tape">The document.</param>
    /// <param name="node">The string.</param>
    /// <param name="isFree">Whether the caller makes names here as he likes: then nothing is sealed by its name.</param>
    public static EncodedText Of(JsonTape tape, int node, bool isFree = false)
    {
        ref readonly JsonNode n = ref tape[node];
        ReadOnlySpan<byte> raw = tape.RawText(node);
        if (raw.Length < 8)
        {
            return default;
        }

        if (MayBeUrl(raw, n.Escaped) && OfUrl(tape.Text(node)) is { } url)
        {
            return url;
        }

        bool sealedPart = !isFree && IsSealed(tape, node);
        bool declared = !sealedPart && IsDeclared(tape, node);
        if (!sealedPart && !declared && (raw.Length < ShortestMediaBytes || !IsMedia(tape, node)))
        {
            return default;
        }

        if (n.Escaped)
        {
            raw = Encoding.UTF8.GetBytes(tape.Text(node));
        }

        (bool decoded, string? text) = Decode(raw);
        return text is not null ? new EncodedText(text, "", null)
            : sealedPart ? raw.Length < ShortestSealedBytes || raw.ContainsAnyExcept(Base64Bytes) ? default : new EncodedText(null, "", UnseenPart.Encrypted)
            : !decoded || raw.Length < ShortestMediaBytes ? default
            : new EncodedText(null, "", tape.IsNamed(node, "embedding"u8) ? "" : UnseenPart.Media);
    }

    /// <summary>Looks at a member's name, which may be a data URL like any other text.</summary>
    public static EncodedText OfName(string name) => name.AsSpan().TrimStart().StartsWith("data:", StringComparison.OrdinalIgnoreCase) ? OfUrl(name) ?? default : default;

    /// <summary>How the string is written with another text in the place of this one.</summary>
    public static string Write(string prefix, string text) =>
        prefix.Length == 0 || prefix.EndsWith(Base64Mark + ",", StringComparison.OrdinalIgnoreCase) ? prefix + Convert.ToBase64String(Encoding.UTF8.GetBytes(text)) : prefix + Uri.EscapeDataString(text);

    // Before anything is decoded: nearly all texts are none.
    private static bool MayBeUrl(ReadOnlySpan<byte> raw, bool escaped)
    {
        ReadOnlySpan<byte> start = raw.TrimStart((byte)' ');
        return (start.Length > 5 && Ascii.EqualsIgnoreCase(start[..5], "data:"u8)) || (escaped && start[..Math.Min(start.Length, LongestEscapedStartBytes)].Contains((byte)'\\'));
    }

    private static EncodedText? OfUrl(string text)
    {
        ReadOnlySpan<char> url = text.AsSpan().Trim();
        int comma = url.IndexOf(',');
        if (comma < 5 || !url.StartsWith("data:", StringComparison.OrdinalIgnoreCase) || url[5..comma].ContainsAnyExcept(MediaTypeChars))
        {
            return null;
        }

        string prefix = url[..(comma + 1)].ToString();
        string content = url[(comma + 1)..].ToString();
        content = content.Contains('%', StringComparison.Ordinal) ? Uri.UnescapeDataString(content) : content;
        if (!url[..comma].EndsWith(Base64Mark, StringComparison.OrdinalIgnoreCase))
        {
            return new EncodedText(content, prefix, null);
        }

        // What does not decode is a text as it is written.
        (bool decoded, string? inner) = Decode(Encoding.UTF8.GetBytes(content));
        return inner is not null ? new EncodedText(inner, prefix, null) : decoded ? new EncodedText(null, "", UnseenPart.Media) : null;
    }

    private static bool IsSealed(JsonTape tape, int node) => tape.IsNamed(node, "encrypted_content"u8) || tape.IsNamed(node, "signature"u8)
        || (tape.IsNamed(node, "data"u8) && tape.IsText(tape.Member(tape[node].Parent, "type"u8), "redacted_thinking"u8));

    // Names that hold base64 and nothing else, and data beside the word for it.
    private static bool IsDeclared(JsonTape tape, int node)
    {
        if (tape[node].NameLength is not (4 or 8 or 9 or 10))
        {
            return false;
        }

        int parent = tape[node].Parent;
        return tape.IsNamed(node, "blob"u8) || tape.IsNamed(node, "b64_json"u8) || tape.IsNamed(node, "file_data"u8) || tape.IsNamed(node, "image_data"u8)
            || (tape.IsNamed(node, "data"u8) && (tape.IsText(tape.Member(parent, "type"u8), "base64"u8) || tape.Member(parent, "media_type"u8) >= 0 || tape.Member(parent, "mimeType"u8) >= 0 || tape.Member(parent, "format"u8) >= 0));
    }

    private static bool IsMedia(JsonTape tape, int node) => tape.IsNamed(node, "data"u8) || tape.IsNamed(node, "partial_image_b64"u8) || tape.IsNamed(node, "result"u8) || tape.IsNamed(node, "embedding"u8)
        || (tape.IsNamed(node, "delta"u8) && tape.IsText(tape.Member(tape[node].Parent, "type"u8), "response.audio.delta"u8));

    // Both alphabets, with and without padding, with white space between: readers are as lenient. Bounded by the body.
    private static (bool IsBase64, string? Text) Decode(ReadOnlySpan<byte> encoded)
    {
        if (encoded.IsEmpty || encoded.ContainsAnyExcept(Base64Bytes))
        {
            return (false, null);
        }

        byte[] buffer = ArrayPool<byte>.Shared.Rent(encoded.Length);
        try
        {
            int length = 0;
            foreach (byte b in encoded)
            {
                if (b is not ((byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n'))
                {
                    buffer[length++] = b is (byte)'+' ? (byte)'-' : b is (byte)'/' ? (byte)'_' : b;
                }
            }

            ReadOnlySpan<byte> digits = buffer.AsSpan(0, length).TrimEnd((byte)'=');
            byte[] decoded = ArrayPool<byte>.Shared.Rent(Math.Max(1, Base64Url.GetMaxDecodedLength(digits.Length)));
            try
            {
                if (Base64Url.DecodeFromUtf8(digits, decoded, out _, out int written) is not OperationStatus.Done)
                {
                    return (false, null);
                }

                ReadOnlySpan<byte> bytes = decoded.AsSpan(0, written);
                return (true, Utf8.IsValid(bytes) && !bytes.Contains((byte)0) ? Encoding.UTF8.GetString(bytes) : null);
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(decoded);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
