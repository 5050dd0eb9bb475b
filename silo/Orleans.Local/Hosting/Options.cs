namespace Orleans.Configuration
{
    /// <summary>Names of the cluster; they mean nothing in one process but are kept for those who log them.</summary>
    public class ClusterOptions
    {
        /// <summary>Name of this cluster.</summary>
        public string ClusterId { get; set; } = "default";

        /// <summary>Name of the service, the same across clusters that replace each other.</summary>
        public string ServiceId { get; set; } = "default";
    }

    /// <summary>When activations are collected, and how long they may take to start and to end.</summary>
    public class GrainCollectionOptions
    {
        /// <summary>Idle age.</summary>
        public TimeSpan CollectionAge { get; set; } = TimeSpan.FromMinutes(15);

        /// <summary>Idle age by full name of the class.</summary>
        public Dictionary<string, TimeSpan> ClassSpecificCollectionAge { get; set; } = [];

        /// <summary>How often idle activations are looked for.</summary>
        public TimeSpan CollectionQuantum { get; set; } = TimeSpan.FromMinutes(1);

        /// <summary>Longest time for state and OnActivateAsync.</summary>
        public TimeSpan ActivationTimeout { get; set; } = TimeSpan.FromSeconds(30);

        /// <summary>Longest time for OnDeactivateAsync.</summary>
        public TimeSpan DeactivationTimeout { get; set; } = TimeSpan.FromSeconds(30);
    }

    /// <summary>Calls.</summary>
    public abstract class MessagingOptions
    {
        /// <summary>How long a caller waits for an answer.</summary>
        public TimeSpan ResponseTimeout { get; set; } = TimeSpan.FromSeconds(30);
    }

    /// <summary>Calls that start in a silo.</summary>
    public class SiloMessagingOptions : MessagingOptions
    {
        /// <summary>Most calls, running and waiting, of one activation; 0 for no limit. One more is refused with LimitExceededException.</summary>
        public int MaxEnqueuedRequestsHardLimit { get; set; }
    }

    /// <summary>Calls that start in a client outside the silos.</summary>
    public class ClientMessagingOptions : MessagingOptions;
}

namespace Orleans.Hosting
{
    /// <summary>Reminders.</summary>
    public sealed class ReminderOptions
    {
        /// <summary>Least period of a reminder.</summary>
        public TimeSpan MinimumReminderPeriod { get; set; } = TimeSpan.FromMinutes(1);

        /// <summary>How often the table is read.</summary>
        public TimeSpan RefreshReminderListPeriod { get; set; } = TimeSpan.FromMinutes(5);
    }
}
