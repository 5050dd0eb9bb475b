using System.Collections.Immutable;
using System.Text.Json;
using Muniment.Events.Canonical;
using Muniment.Events.Canonical.Fields;
using Muniment.Policy.Predicates.Values;

namespace Muniment.Policy.Predicates.Matching;

/// <summary>Keywords: each is looked for in every value of the event, <c>details</c> and <c>decision</c> included. Any of them, or with <c>|all</c> each.</summary>
internal sealed class KeywordTest(ImmutableArray<ValueTest> keywords, bool all) : EventTest
{
    public override bool Matches(CanonicalEvent e)
    {
        foreach (ValueTest keyword in keywords)
        {
            if (IsIn(e, keyword) != all)
            {
                return !all;
            }
        }

        return all;
    }

    private static bool IsIn(CanonicalEvent e, ValueTest keyword)
    {
        foreach (EventField field in EventFields.Known)
        {
            FieldValue value = field.Read(e);
            if (value.Kind == FieldKind.Json ? IsInJson(value.Json.Span, keyword) : keyword.Matches(value))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsInJson(ReadOnlySpan<byte> json, ValueTest keyword)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 2 * EventLimits.MaxDepth });
        while (reader.Read())
        {
            bool found = reader.TokenType switch
            {
                JsonTokenType.String => keyword.Matches(FieldValue.Of(reader.GetString())),
                JsonTokenType.Number => keyword.Matches(FieldValue.OfNumber(System.Text.Encoding.ASCII.GetString(reader.ValueSpan))),
                _ => false,
            };
            if (found)
            {
                return true;
            }
        }

        return false;
    }
}
