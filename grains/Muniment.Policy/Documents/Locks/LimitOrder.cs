using System.Globalization;

namespace Muniment.Policy.Documents.Locks;

/// <summary>When a limit is looser than another that counts the same thing, or has its id.</summary>
internal static class LimitOrder
{
    /// <summary>What makes it looser; null when it is not. Limits that count something else stand beside each other, and both hold.</summary>
    public static string? Looser(PolicyLimit limit, PolicyLimit locked)
    {
        bool sameMeasure = limit.Per == locked.Per && limit.Unit == locked.Unit;
        if (limit.Id == locked.Id && !sameMeasure)
        {
            return Measure(limit);
        }

        if (!sameMeasure || (limit.Id != locked.Id && limit.Window != locked.Window))
        {
            return null;
        }

        // By rate, so that a limit of the same id over another window is no way round.
        if (limit.Amount * locked.Window.Ticks > locked.Amount * limit.Window.Ticks)
        {
            return Text(limit);
        }

        return limit.Then < locked.Then ? $"then: {limit.Then.Word()}" : null;
    }

    /// <summary>Such as <c>2000000 tokens per user in 1.00:00:00</c>.</summary>
    public static string Text(PolicyLimit limit) => string.Create(CultureInfo.InvariantCulture, $"{limit.Amount} {Measure(limit)} in {Window(limit.Window)}, then {limit.Then.Word()}");

    private static string Measure(PolicyLimit limit) => $"{limit.Unit.ToString().ToLowerInvariant()} per {limit.Per.ToString().ToLowerInvariant()}";

    private static string Window(TimeSpan window)
    {
        (double count, char unit) = window.Ticks % TimeSpan.TicksPerDay == 0 ? (window.TotalDays, 'd') : window.Ticks % TimeSpan.TicksPerHour == 0 ? (window.TotalHours, 'h') : (window.TotalSeconds, 's');
        return string.Create(CultureInfo.InvariantCulture, $"{count}{unit}");
    }
}
