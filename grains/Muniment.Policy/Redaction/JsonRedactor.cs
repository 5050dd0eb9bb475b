using System.Collections.Frozen;
using System.Text;
using System.Text.Json;
using Muniment.Policy.Detectors;
using Muniment.Policy.Detectors.Scanning;

namespace Muniment.Policy.Redaction;

/// <summary>
/// Redacts the strings of a JSON document: each is decoded first, so no escape hides anything; JSON inside a string is redacted as JSON (up to four levels).
/// The name before a value is its context (<c>"ssn": "123456789"</c>). Names of members and long numbers are looked at too; a number that is found becomes a string.
/// What is not changed stays byte for byte. Immutable, safe to share.
/// </summary>
/// <param name="set">The detectors.</param>
/// <param name="skip">Names of members whose values are left alone, e.g. signatures that no one may alter. Null leaves out nothing.</param>
public sealed class JsonRedactor(DetectorSet set, IEnumerable<string>? skip = null)
{
    /// <summary>How often JSON may lie in a string of JSON and still be read as such; deeper, it is text (whose escapes are seen through).</summary>
    public const int MaxNesting = 4;

    /// <summary>Numbers with fewer digits are left alone.</summary>
    private const int NumberMin = 9;

    private readonly TextRedactor _text = new(set);
    private readonly FrozenSet<string>? _skip = skip?.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>The detectors.</summary>
    public DetectorSet Set => set;

    /// <summary>Redacts a document; null when it is not one valid JSON value of at most <see cref="JsonPath.MaxDepth"/> levels.</summary>
    public JsonRedactionResult? Redact(ReadOnlyMemory<byte> json)
    {
        RedactionTally tally = new(set, new DetectorCounts(set));
        return TryRedact(json.Span, tally, 0, "", out byte[]? changed) ? new JsonRedactionResult(changed ?? json, changed is not null, tally.Counts, tally.Fields(), tally.Failed) : null;
    }

    /// <summary>Redacts a text that may be JSON, such as the arguments of a tool: as JSON when it is, else as text.</summary>
    public RedactionResult RedactText(string text)
    {
        RedactionTally tally = new(set, new DetectorCounts(set));
        return new RedactionResult(Inner(text, tally, 0, "") ?? text, tally.Counts, tally.Failed);
    }

    /// <summary>The same for a value of a JSON document whose name is known, which may say what the value is.</summary>
    public RedactionResult RedactText(string name, string text)
    {
        RedactionResult alone = RedactText(text);
        if (alone.Changed || name.Length == 0 || LooksLikeJson(text))
        {
            return alone;
        }

        DetectorCounts counts = new(set);
        return RedactValue(name, text, counts) is { } redacted ? new RedactionResult(redacted, counts, alone.Failed) : alone;
    }

    /// <summary>Redacts one value whose name is known, as <see cref="Redact"/> would within a document, and adds to counts of the same set; null when nothing is found.</summary>
    public string? RedactValue(string name, string value, DetectorCounts counts)
    {
        if (set.IsEmpty || value.Length == 0)
        {
            return null;
        }

        if (LooksLikeJson(value))
        {
            return Inner(value, new RedactionTally(set, counts), 1, "");
        }

        string context = name + ": ";
        return _text.Redact(context + value, context.Length, new HitList(), counts);
    }

    private bool TryRedact(ReadOnlySpan<byte> json, RedactionTally tally, int nesting, string pointer, out byte[]? changed)
    {
        changed = null;
        JsonWalk walk = new(json, tally, nesting, pointer);
        try
        {
            while (walk.Reader.Read())
            {
                switch (walk.Reader.TokenType)
                {
                    case JsonTokenType.PropertyName:
                        Name(ref walk);
                        break;
                    case JsonTokenType.String:
                        Value(ref walk);
                        break;
                    case JsonTokenType.Number:
                        Number(ref walk);
                        break;
                    case JsonTokenType.StartObject or JsonTokenType.StartArray when Skips(walk):
                        walk.Reader.Skip();
                        walk.Path.Next();
                        break;
                    default:
                        walk.Path.Follow(walk.Reader.TokenType);
                        break;
                }
            }

            changed = walk.Finish();
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
        finally
        {
            walk.Dispose();
        }
    }

    private bool Skips(in JsonWalk walk) => _skip is not null && _skip.GetAlternateLookup<ReadOnlySpan<char>>().Contains(walk.Path.Name);

    private void Name(ref JsonWalk walk)
    {
        ReadOnlySpan<char> name = walk.Decode();
        walk.Path.Member(name);
        if (_text.Redact(name, 0, walk.Hits, walk.Tally.Counts) is { } redacted)
        {
            walk.Replace(walk.Tally.UniqueName(redacted), isName: true);
        }

        walk.Note();
    }

    private void Value(ref JsonWalk walk)
    {
        if (!Skips(walk))
        {
            int prefix = walk.Context(": ");
            ReadOnlySpan<char> text = walk.Decode(), value = text[prefix..];
            string? redacted;
            if (walk.Nesting < MaxNesting && LooksLikeJson(value))
            {
                redacted = Inner(value.ToString(), walk.Tally, walk.Nesting + 1, walk.Pointer);
            }
            else
            {
                redacted = _text.Redact(text, prefix, walk.Hits, walk.Tally.Counts);
                walk.Note();
            }

            if (redacted is not null)
            {
                walk.Replace(redacted);
            }
        }

        walk.Path.Next();
    }

    private void Number(ref JsonWalk walk)
    {
        ReadOnlySpan<byte> digits = walk.Reader.ValueSpan;
        if (digits.Length >= NumberMin && digits.IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0 && !Skips(walk))
        {
            int prefix = walk.Context(" ");
            if (_text.Redact(walk.Append(digits), prefix, walk.Hits, walk.Tally.Counts) is { } redacted)
            {
                walk.Replace(redacted);
            }

            walk.Note();
        }

        walk.Path.Next();
    }

    /// <summary>A text: as JSON if it is, else as text; null when nothing changes.</summary>
    private string? Inner(string text, RedactionTally tally, int nesting, string pointer)
    {
        if (LooksLikeJson(text))
        {
            byte[] json = Encoding.UTF8.GetBytes(text);
            if (IsJson(json) && TryRedact(json, tally, nesting, pointer, out byte[]? changed))
            {
                return changed is null ? null : Encoding.UTF8.GetString(changed);
            }
        }

        HitList hits = new();
        string? redacted = _text.Redact(text, 0, hits, tally.Counts);
        tally.Note(pointer, hits);
        return redacted;
    }

    private static bool LooksLikeJson(ReadOnlySpan<char> text)
    {
        text = text.Trim();
        return text is ['{', .., '}'] or ['[', .., ']'];
    }

    private static bool IsJson(ReadOnlySpan<byte> json)
    {
        Utf8JsonReader reader = new(json, new JsonReaderOptions { MaxDepth = JsonPath.MaxDepth });
        try
        {
            while (reader.Read())
            {
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
