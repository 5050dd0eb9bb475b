using Muniment.Delivery.Configuration;

namespace Muniment.Delivery.Kinds;

/// <summary>A vendor's limit on requests, told when somebody configures more and not when the first large request is refused.</summary>
internal static class BatchLimit
{
    public static ConfigError? Check(DestinationConfig config, string vendor, int maxEvents = BatchConfig.MostEvents, int maxBytes = BatchConfig.MostBytes) =>
        config.Batch.MaxEvents > maxEvents ? new ConfigError("batch.max_events", $"at most {maxEvents}, the limit of {vendor}")
        : config.Batch.MaxBytes > maxBytes ? new ConfigError("batch.max_bytes", $"at most {maxBytes}, the limit of {vendor}")
        : null;
}
