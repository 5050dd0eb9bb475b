using Muniment.Delivery.Kinds;

namespace Muniment.Delivery.Configuration;

/// <summary>Reads <c>batch</c>; what is left out is the kind's.</summary>
internal static class BatchReader
{
    public static BatchConfig Read(FieldReader fields, IDestinationKind kind, string endpoint, bool strict)
    {
        BatchConfig usual = kind.BatchFor(endpoint);
        BatchConfig defaults = usual with { InFlight = strict ? 1 : usual.InFlight };
        if (fields.Child("batch") is not { } batch)
        {
            return defaults;
        }

        if (batch.Unknown(["max_events", "max_bytes", "max_age_ms", "in_flight", "max_events_per_s", "max_bytes_per_s", "oversize", "max_refusals"]) is { } unknown)
        {
            fields.Fail(unknown.Field, unknown.Expected);
            return defaults;
        }

        BatchConfig read = new(
            batch.Number("max_events", defaults.MaxEvents, 1, BatchConfig.MostEvents),
            batch.Number("max_bytes", defaults.MaxBytes, BatchConfig.LeastBytes, BatchConfig.MostBytes),
            batch.Number("max_age_ms", defaults.MaxAgeMs, 0, BatchConfig.MostAgeMs),
            batch.Number("in_flight", defaults.InFlight, 1, BatchConfig.MostInFlight))
        {
            FirstBytes = defaults.FirstBytes,
            EventsPerSecond = batch.Number("max_events_per_s", 0, 1, BatchConfig.MostEventsPerSecond),
            CutsOversize = batch.Choice("oversize", "dead_letter", "dead_letter", "cut") == "cut",
            MaxRefusals = batch.Number("max_refusals", BatchConfig.UsualRefusals, 1, BatchConfig.MostRefusals),
            BytesPerSecond = batch.Number("max_bytes_per_s", 0, BatchConfig.LeastBytes, BatchConfig.MostBytesPerSecond),
        };
        if (batch.Error is { } error)
        {
            fields.Fail(error.Field, error.Expected);
        }

        return read;
    }
}
