using System.Text;
using System.Text.Unicode;
using Microsoft.Net.Http.Headers;
using Muniment.Gateway.Llm.Texts;
using Muniment.Policy.Evaluation;

namespace Muniment.Gateway.Llm.Requests;

/// <summary>Reads the parts of an upload: parts that are text are looked into, others are said to be media.</summary>
internal static class UploadReader
{
    /// <summary>Most parts of one upload, the headers of each counted as one.</summary>
    public const int MaxParts = 128;

    /// <summary>One part: where its content lies in the body, and its text where it is one.</summary>
    public readonly record struct Part(string Name, int Start, int Length, string? Text);

    /// <summary>The parts; null when the body is none of this kind.</summary>
    public static List<Part>? Read(ReadOnlyMemory<byte> body, string? contentType)
    {
        if (!MediaTypeHeaderValue.TryParse(contentType, out MediaTypeHeaderValue? media) || !media.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase)
            || HeaderUtilities.RemoveQuotes(media.Boundary).Value is not { Length: > 0 and <= 200 } boundary)
        {
            return null;
        }

        // RFC 2046, 5.1.1: CRLF -- boundary begins each part and the end.
        byte[] first = Encoding.ASCII.GetBytes("--" + boundary);
        byte[] delimiter = Encoding.ASCII.GetBytes("\r\n--" + boundary);
        ReadOnlySpan<byte> bytes = body.Span;
        int at = bytes.StartsWith(first) ? first.Length : -1;
        List<Part> parts = [];
        while (at >= 0 && !bytes[at..].StartsWith("--"u8))
        {
            if (!bytes[at..].StartsWith("\r\n"u8) || parts.Count == MaxParts)
            {
                return null;
            }

            at += 2;
            int head = bytes[at..].IndexOf("\r\n\r\n"u8);
            int end = head < 0 ? -1 : bytes[(at + head + 2)..].IndexOf(delimiter);
            if (end < 0)
            {
                return null;
            }

            string headers = Encoding.Latin1.GetString(bytes.Slice(at, head));
            if (headers.Contains("Content-Transfer-Encoding", StringComparison.OrdinalIgnoreCase) || !Utf8.IsValid(bytes.Slice(at, head)))
            {
                return null;
            }

            // Names are texts too.
            string name = Name(headers);
            parts.Add(new Part(name + "?head", at, head, Encoding.UTF8.GetString(bytes.Slice(at, head))));
            int start = at + head + 4;
            int length = Math.Max(0, at + head + 2 + end - start);
            ReadOnlySpan<byte> content = bytes.Slice(start, length);
            parts.Add(new Part(name, start, length, Utf8.IsValid(content) && !content.Contains((byte)0) ? Encoding.UTF8.GetString(content) : null));
            at += head + 2 + end + delimiter.Length;
        }

        // Nothing may stand behind the end: readers skip it, and so would we.
        return at < 0 || bytes[(at + 2)..].ContainsAnyExcept("\r\n"u8) ? null : parts;
    }

    /// <summary>The texts as decisions see them.</summary>
    public static IEnumerable<InspectedText> Texts(IEnumerable<Part> parts) => parts.Where(part => part.Text is not null).Select(part => new InspectedText("/" + part.Name, TextRole.User.Name(), part.Text!));

    private static string Name(string headers)
    {
        // name=, not filename=; quoted or not.
        int at = headers.IndexOf(" name=", StringComparison.OrdinalIgnoreCase);
        at = at < 0 ? headers.IndexOf(";name=", StringComparison.OrdinalIgnoreCase) : at;
        if (at < 0)
        {
            return "part";
        }

        string value = headers[(at + 6)..];
        int end = value.StartsWith('"') ? value.IndexOf('"', 1) : value.IndexOfAny([';', '\r', '\n']);
        return (end < 0 ? value : value[..end]).Trim('"', ' ');
    }
}
