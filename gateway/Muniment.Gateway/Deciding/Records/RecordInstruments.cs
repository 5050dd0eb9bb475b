using System.Diagnostics.Metrics;

namespace Muniment.Gateway.Deciding.Records;

/// <summary>Counts records of decisions: made = durable + failed + refused.</summary>
internal static class RecordInstruments
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "Muniment.Gateway.Deciding";

    private static readonly Meter Meter = new(MeterName);
    private static readonly Counter<long> AppendsCounter = Meter.CreateCounter<long>("muniment.decisions.appends", "{append}", "Appends that made records of decisions durable");
    private static readonly Counter<long> RecordsCounter = Meter.CreateCounter<long>("muniment.decisions.records", "{event}", "Records of decisions made durable");
    private static readonly Counter<long> FailedCounter = Meter.CreateCounter<long>("muniment.decisions.failed", "{event}", "Records of decisions that did not become durable");
    private static readonly Counter<long> RefusedCounter = Meter.CreateCounter<long>("muniment.decisions.refused", "{event}", "Records of decisions that were not taken because too many waited");

    /// <summary>An append was answered.</summary>
    public static void Appended(int records)
    {
        AppendsCounter.Add(1);
        RecordsCounter.Add(records);
    }

    /// <summary>Records could not be appended.</summary>
    public static void Failed(int records) => FailedCounter.Add(records);

    /// <summary>A record found no room.</summary>
    public static void Refused() => RefusedCounter.Add(1);
}
