using Muniment.Events.Canonical;
using Muniment.Events.Canonical.Fields;

namespace Muniment.Policy.Predicates.Matching;

/// <summary>What a predicate looks at: an event, and for a decision what stands beside it.</summary>
internal readonly record struct PredicateSubject(CanonicalEvent Event, PredicateContent? Content = null);

/// <summary>What a decision knows beside the event. Made once a decision; belongs to one thread.</summary>
internal sealed class PredicateContent
{
    private FieldValue? _texts;
    private bool _isRead;

    /// <summary>The inspected texts as the values of <c>content</c>; null when they cannot be read. Only made when a condition asks for them.</summary>
    public FieldValue? Texts
    {
        get
        {
            if (!_isRead)
            {
                _texts = ReadTexts?.Invoke();
                _isRead = true;
            }

            return _texts;
        }

        init
        {
            _texts = value;
            _isRead = true;
        }
    }

    /// <summary>Makes <see cref="Texts"/>.</summary>
    public Func<FieldValue?>? ReadTexts { get; init; }

    /// <summary>The tool's arguments as a JSON object, empty when there are none; null when they cannot be read.</summary>
    public ReadOnlyMemory<byte>? ToolArgs { get; init; }

    /// <summary>The agent's own name of its permission mode, a second value of <c>mode</c>.</summary>
    public string? PermissionMode { get; init; }

    /// <summary>Tells event fields that may be absent because they were not kept; null when absent means absent.</summary>
    public Func<string, bool>? NotKept { get; init; }
}
