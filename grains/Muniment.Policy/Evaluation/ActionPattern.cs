using System.Collections.Immutable;
using Muniment.Policy.Predicates.Values;

namespace Muniment.Policy.Evaluation;

/// <summary>The actions of a rule's <c>on</c>. Without any it stands for every action but <c>event.ingest</c>, because an event has happened already.</summary>
internal sealed class ActionPattern
{
    private readonly TextPattern[] patterns;

    public ActionPattern(ImmutableArray<string> on) => patterns = [.. on.Select(p => new TextPattern(SigmaText.Read(p), TextPlace.Whole, cased: false))];

    public bool Matches(string action)
    {
        if (patterns.Length == 0)
        {
            return action != DecisionActions.EventIngest;
        }

        foreach (TextPattern pattern in patterns)
        {
            if (pattern.Matches(action))
            {
                return true;
            }
        }

        return false;
    }
}
