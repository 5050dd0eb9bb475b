using System.Text;
using System.Text.Json;
using Muniment.Events;
using Muniment.Events.Canonical;
using Muniment.Events.Canonical.Fields;

namespace Muniment.Policy.Predicates.Matching;

/// <summary>A field that a predicate names, bound to where its value comes from.</summary>
internal abstract class FieldSource(string name, FieldType type, Vocabulary? words = null, TermField? term = null)
{
    public string Name { get; } = name;

    public FieldType Type { get; } = type;

    public Vocabulary? Words { get; } = words;

    public TermField? Term { get; } = term;

    /// <summary>False when the value is not known, which is something else than absent.</summary>
    public abstract bool TryRead(in PredicateSubject subject, out FieldValue value);
}

/// <summary>A field of the canonical event.</summary>
internal sealed class EventFieldSource(EventField field) : FieldSource(field.Name, field.Type, field.Words, field.Term)
{
    public override bool TryRead(in PredicateSubject subject, out FieldValue value)
    {
        value = field.Read(subject.Event);
        return value.Kind != FieldKind.Missing || subject.Content?.NotKept is not { } notKept || !notKept(Name);
    }
}

/// <summary><c>content</c>: every inspected text.</summary>
internal sealed class ContentSource() : FieldSource(ContentName, FieldType.Text)
{
    public const string ContentName = "content";

    public override bool TryRead(in PredicateSubject subject, out FieldValue value)
    {
        value = subject.Content?.Texts ?? FieldValue.Missing;
        return subject.Content is { Texts: not null };
    }
}

/// <summary><c>mode</c> of a decision: <c>fixed</c> or <c>adaptive</c>, and beside it the agent's own name of its permission mode.</summary>
internal sealed class ModeSource() : FieldSource(ModeName, FieldType.Text, Vocabulary.Modes)
{
    public const string ModeName = "mode";

    public override bool TryRead(in PredicateSubject subject, out FieldValue value)
    {
        string? own = subject.Content?.PermissionMode;
        string? mode = subject.Event.Mode;
        value = own is null || own == mode ? FieldValue.Of(mode)
            : mode is null ? FieldValue.Of(own)
            : FieldValue.Of([FieldValue.Of(mode), FieldValue.Of(own)]);
        return true;
    }
}

/// <summary><c>tool.args.X</c>, a path into the tool's arguments; <c>tool.args</c> alone is every value in them.</summary>
internal sealed class ToolArgsSource(string name) : FieldSource(name, FieldType.Any)
{
    public const string Root = "tool.args";

    private readonly byte[] path = name.Length > Root.Length ? Encoding.UTF8.GetBytes(name[(Root.Length + 1)..]) : [];

    public override bool TryRead(in PredicateSubject subject, out FieldValue value)
    {
        value = FieldValue.Missing;
        if (subject.Content is not { ToolArgs: { } args })
        {
            return false;
        }

        value = args.IsEmpty ? FieldValue.Missing : path.Length > 0 ? DetailPath.Find(args, path) : Values(args.Span);
        return true;
    }

    private static FieldValue Values(ReadOnlySpan<byte> json)
    {
        var values = new List<FieldValue>();
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 2 * EventLimits.MaxDepth });
        while (reader.Read() && values.Count < DetailPath.MaxValues)
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.String:
                    values.Add(FieldValue.Of(reader.GetString()));
                    break;
                case JsonTokenType.Number:
                    values.Add(FieldValue.OfNumber(Encoding.ASCII.GetString(reader.ValueSpan)));
                    break;
                case JsonTokenType.True or JsonTokenType.False:
                    values.Add(FieldValue.Of((bool?)(reader.TokenType == JsonTokenType.True)));
                    break;
            }
        }

        return FieldValue.Of([.. values]);
    }
}
