using System.Buffers;
using System.Collections.Immutable;
using System.Text;

namespace Muniment.Journal.Text;

/// <summary>
/// What a word is, for <c>q</c> and for the bloom filters alike: a longest run of letters, digits and marks (Unicode), case-folded by the invariant lower-case
/// mapping, its first <see cref="MaxWordBytes"/> UTF-8 bytes counting.
/// </summary>
public static class TextWords
{
    /// <summary>A word's bytes beyond this many are ignored, in the text and in the question.</summary>
    public const int MaxWordBytes = 128;

    /// <summary>The distinct words of a question.</summary>
    public static ImmutableArray<string> Split(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        Collector collector = new([]);
        Each(text, ref collector);
        return [.. collector.Words.Distinct()];
    }

    internal static void Each<TVisitor>(string? text, ref TVisitor visitor)
        where TVisitor : struct, IWordVisitor
    {
        if (string.IsNullOrEmpty(text))
        {
            return;
        }

        byte[] buffer = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(text.Length));
        Each(buffer.AsSpan(0, Encoding.UTF8.GetBytes(text, buffer)), ref visitor);
        ArrayPool<byte>.Shared.Return(buffer);
    }

    internal static void Each<TVisitor>(ReadOnlySpan<byte> utf8, ref TVisitor visitor)
        where TVisitor : struct, IWordVisitor
    {
        Span<byte> word = stackalloc byte[MaxWordBytes + 4];
        int length = 0;
        while (!utf8.IsEmpty)
        {
            byte first = utf8[0];
            if (first < 0x80)
            {
                utf8 = utf8[1..];
                if (char.IsAsciiLetterOrDigit((char)first))
                {
                    if (length < MaxWordBytes)
                    {
                        word[length++] = first is >= (byte)'A' and <= (byte)'Z' ? (byte)(first | 0x20) : first;
                    }
                }
                else
                {
                    End(word, ref length, ref visitor);
                }

                continue;
            }

            OperationStatus status = Rune.DecodeFromUtf8(utf8, out Rune rune, out int consumed);
            utf8 = utf8[consumed..];
            if (status == OperationStatus.Done && IsWordRune(rune))
            {
                if (length < MaxWordBytes)
                {
                    length += Rune.ToLowerInvariant(rune).EncodeToUtf8(word[length..]);
                }
            }
            else
            {
                End(word, ref length, ref visitor);
            }
        }

        End(word, ref length, ref visitor);
    }

    private static bool IsWordRune(Rune rune) => Rune.IsLetterOrDigit(rune)
        || Rune.GetUnicodeCategory(rune) is System.Globalization.UnicodeCategory.NonSpacingMark or System.Globalization.UnicodeCategory.SpacingCombiningMark;

    private static void End<TVisitor>(ReadOnlySpan<byte> word, ref int length, ref TVisitor visitor)
        where TVisitor : struct, IWordVisitor
    {
        if (length > 0)
        {
            visitor.Visit(word[..length]);
            length = 0;
        }
    }

    private readonly struct Collector(List<string> words) : IWordVisitor
    {
        public List<string> Words => words;

        public void Visit(ReadOnlySpan<byte> word) => words.Add(Encoding.UTF8.GetString(word));
    }
}
