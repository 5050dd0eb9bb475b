using Orleans.Local.Reminders;
using Orleans.Runtime;

namespace Orleans.Runtime
{
    /// <summary>A registered reminder.</summary>
    public interface IGrainReminder
    {
        /// <summary>Its name.</summary>
        string ReminderName { get; }
    }

    /// <summary>When a reminder's tick came.</summary>
    /// <param name="firstTickTime">First tick, UTC.</param>
    /// <param name="period">Time between ticks.</param>
    /// <param name="timeStamp">This tick, UTC.</param>
    public readonly struct TickStatus(DateTime firstTickTime, TimeSpan period, DateTime timeStamp)
    {
        /// <summary>First tick, UTC.</summary>
        public DateTime FirstTickTime => firstTickTime;

        /// <summary>Time between ticks.</summary>
        public TimeSpan Period => period;

        /// <summary>This tick, UTC.</summary>
        public DateTime CurrentTickTime => timeStamp;
    }
}

namespace Orleans
{
    /// <summary>Reminders of a grain: durable definitions, at-least-once ticks, no catching up on those that were missed.</summary>
    public static class GrainReminderExtensions
    {
        /// <summary>Registers a reminder or changes it.</summary>
        public static Task<IGrainReminder> RegisterOrUpdateReminder(this Grain grain, string reminderName, TimeSpan dueTime, TimeSpan period) =>
            ReminderService.For(grain).RegisterAsync(grain.GetGrainId(), reminderName, dueTime, period);

        /// <summary>Removes a reminder.</summary>
        public static Task UnregisterReminder(this Grain grain, IGrainReminder reminder) => ReminderService.For(grain).UnregisterAsync(reminder);

        /// <summary>The reminder of that name, or null.</summary>
        public static Task<IGrainReminder?> GetReminder(this Grain grain, string reminderName) => ReminderService.For(grain).GetAsync(grain.GetGrainId(), reminderName);

        /// <summary>All reminders of the grain.</summary>
        public static Task<List<IGrainReminder>> GetReminders(this Grain grain) => ReminderService.For(grain).GetAsync(grain.GetGrainId());
    }
}
