using System.Text;
using Muniment.Events.Canonical;

namespace Muniment.Delivery.Kinds;

/// <summary>An event in a line for people: who did what to what, how it ended, why.</summary>
internal static class EventSentence
{
    /// <summary>Longest line; what is cut stands in the event itself.</summary>
    public const int MaxLength = 1000;

    public static string Of(CanonicalEvent value)
    {
        StringBuilder text = new();
        foreach (string? word in (ReadOnlySpan<string?>)[value.Actor.User ?? value.Actor.Id, value.Action, value.Target, value.Result, value.Reason])
        {
            if (!string.IsNullOrEmpty(word))
            {
                text.Append(text.Length == 0 ? "" : " ").Append(word);
            }
        }

        if (text.Length <= MaxLength)
        {
            return text.ToString();
        }

        int end = char.IsHighSurrogate(text[MaxLength - 2]) ? MaxLength - 2 : MaxLength - 1; // a pair stays together
        return text.ToString(0, end) + "…";
    }
}
