using System.Collections.Immutable;
using System.Text.Json;
using Muniment.Events.Canonical;
using Muniment.Events.Canonical.Fields;
using Muniment.Policy.Predicates.Values;

namespace Muniment.Policy.Predicates.Matching;

/// <summary>
/// Keywords: each is looked for in every value of the event, <c>details</c> and <c>decision</c> included, and of a decision also in the inspected texts and the tool's
/// arguments. Any of them, or with <c>|all</c> each.
/// </summary>
internal sealed class KeywordTest(ImmutableArray<ValueTest> keywords, bool all) : EventTest
{
    public override Truth Test(in PredicateSubject subject)
    {
        Truth result = Truths.Of(all);
        foreach (ValueTest keyword in keywords)
        {
            Truth one = IsIn(subject, keyword);
            if (one == Truths.Of(!all))
            {
                return one;
            }

            result = one == Truth.Unknown ? one : result;
        }

        return result;
    }

    private static Truth IsIn(in PredicateSubject subject, ValueTest keyword)
    {
        if (IsIn(subject.Event, keyword))
        {
            return Truth.True;
        }

        if (subject.Content is not { } content)
        {
            return Truth.False;
        }

        if ((content.Texts is { } texts && keyword.Matches(texts)) || (content.ToolArgs is { IsEmpty: false } args && IsInJson(args.Span, keyword)))
        {
            return Truth.True;
        }

        return content.Texts is null || content.ToolArgs is null ? Truth.Unknown : Truth.False;
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
