using Orleans.Runtime;

namespace Orleans
{
    /// <summary>The first half of the identity of a class's grains. Without it: the class's name in lower case without "grain" at its end.</summary>
    /// <param name="grainType">The name.</param>
    [AttributeUsage(AttributeTargets.Class)]
    public sealed class GrainTypeAttribute(string grainType) : Attribute
    {
        /// <summary>The name, as the runtime asks for it.</summary>
        public GrainType GetGrainType(IServiceProvider services, Type type) => GrainType.Create(grainType);
    }

    /// <summary>Activations of this class are not collected when idle.</summary>
    [AttributeUsage(AttributeTargets.Class)]
    public class KeepAliveAttribute : Attribute;

    /// <summary>How long a caller waits for the answer, instead of the default.</summary>
    /// <param name="timeout">As <see cref="TimeSpan.Parse(string)"/> reads it.</param>
    [AttributeUsage(AttributeTargets.Method | AttributeTargets.Interface)]
    public sealed class ResponseTimeoutAttribute(string timeout) : Attribute
    {
        /// <summary>The time.</summary>
        public TimeSpan? Timeout { get; init; } = TimeSpan.Parse(timeout, System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>Idle age at which activations of this class are collected; the parts are added up.</summary>
    [AttributeUsage(AttributeTargets.Class)]
    public class CollectionAgeLimitAttribute : Attribute
    {
        /// <summary>The least age; a smaller one counts as this.</summary>
        public static readonly TimeSpan MinAgeLimit = TimeSpan.FromMinutes(1);

        /// <summary>An attribute whose parts are set by name.</summary>
        public CollectionAgeLimitAttribute() { }

        /// <summary>An attribute with one age, as <see cref="TimeSpan.Parse(string)"/> reads it.</summary>
        public CollectionAgeLimitAttribute(string inactivityPeriod) =>
            Days = TimeSpan.Parse(inactivityPeriod, System.Globalization.CultureInfo.InvariantCulture).TotalDays;

        /// <summary>Days of the age.</summary>
        public double Days { get; set; }

        /// <summary>Hours of the age.</summary>
        public double Hours { get; set; }

        /// <summary>Minutes of the age.</summary>
        public double Minutes { get; set; }

        /// <summary>True: never collected.</summary>
        public bool AlwaysActive { get; set; }

        /// <summary>The sum, at least <see cref="MinAgeLimit"/>.</summary>
        public TimeSpan AgeLimit
        {
            get
            {
                if (AlwaysActive) return Timeout.InfiniteTimeSpan;
                TimeSpan age = TimeSpan.FromDays(Days) + TimeSpan.FromHours(Hours) + TimeSpan.FromMinutes(Minutes);
                return age < MinAgeLimit ? MinAgeLimit : age;
            }
        }
    }
}

namespace Orleans.Concurrency
{
    /// <summary>Every call of this class may interleave with every other.</summary>
    [AttributeUsage(AttributeTargets.Class)]
    public sealed class ReentrantAttribute : Attribute;

    /// <summary>Calls of this method start at once, whatever else runs.</summary>
    [AttributeUsage(AttributeTargets.Method)]
    public sealed class AlwaysInterleaveAttribute : Attribute;

    /// <summary>Calls of such methods interleave with each other, not with others.</summary>
    [AttributeUsage(AttributeTargets.Method)]
    public sealed class ReadOnlyAttribute : Attribute;

    /// <summary>The caller's task is complete when the call was sent; failures are only logged.</summary>
    [AttributeUsage(AttributeTargets.Method)]
    public sealed class OneWayAttribute : Attribute;
}

namespace Orleans.Placement
{
    /// <summary>Activates on the caller's silo. In one process this decides nothing unless a test cluster has several logical silos.</summary>
    [AttributeUsage(AttributeTargets.Class)]
    public sealed class PreferLocalPlacementAttribute : Attribute;
}
