using System.Globalization;
using Muniment.Events;
using Muniment.Events.Canonical.Fields;

namespace Muniment.Policy.Predicates.Values;

/// <summary><c>|minute |hour |day |week |month |year</c>: a part of a time in UTC (weeks as ISO 8601 counts them), equal to a number or compared with it.</summary>
internal sealed class TimePartTest(Modifiers part, Comparison? comparison, int wanted) : ValueTest
{
    protected override bool MatchesOne(in FieldValue value)
    {
        if (value.Kind != FieldKind.Text || !Timestamps.TryParse(value.Text, out long ns))
        {
            return false;
        }

        DateTime time = DateTime.UnixEpoch.AddTicks(ns / 100);
        int found = part switch
        {
            Modifiers.Minute => time.Minute,
            Modifiers.Hour => time.Hour,
            Modifiers.Day => time.Day,
            Modifiers.Week => ISOWeek.GetWeekOfYear(time),
            Modifiers.Month => time.Month,
            _ => time.Year,
        };
        return comparison is { } order ? NumberComparison.Holds(order, found.CompareTo(wanted)) : found == wanted;
    }
}
