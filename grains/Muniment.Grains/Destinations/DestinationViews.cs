using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using Muniment.Delivery.Machine;
using Muniment.Delivery.Running;
using Muniment.Delivery.Testing;

namespace Muniment.Grains.Destinations;

/// <summary>JSON of the outside contract for what destinations answer.</summary>
internal static class DestinationViews
{
    private static readonly string[] OutcomeNames = ["delivered", "partial", "retry_later", "too_large", "bad_record", "credential_rejected", "misconfigured"];

    public static byte[] Status(DestinationStatus status) => Write(json =>
    {
        json.WriteString("state", ControlView.NameOf(status.State));
        if (status.Reason is { } reason)
        {
            json.WriteStartObject("reason");
            json.WriteString("code", reason.Code);
            json.WriteString("message", reason.Message);
            json.WriteString("hint", reason.Hint);
            json.WriteString("since", reason.Since.UtcDateTime);
            json.WriteEndObject();
        }
        else
        {
            json.WriteNull("reason");
        }

        json.WriteString("warning", status.Warning);
        json.WriteNumber("position", status.Position);
        json.WriteStartArray("lanes");
        foreach (LaneStatus lane in status.Lanes)
        {
            json.WriteStartObject();
            json.WriteString("lane", lane.Name);
            json.WriteNumber("from", lane.From);
            Optional(json, "to", lane.To - 1);
            json.WriteNumber("position", lane.Position);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartObject("lag");
        json.WriteNumber("events", status.LagEvents);
        json.WriteNumber("seconds", Math.Round(status.LagSeconds, 3));
        json.WriteEndObject();
        json.WriteNumber("delivered", status.Delivered);
        json.WriteNumber("dead_letters", status.DeadLetters);
        json.WriteNumber("expired", status.Expired);
        json.WriteNumber("epoch", status.Epoch);
        json.WriteString("circuit", status.CircuitOpen ? "open" : "closed");
        json.WriteNumber("concurrency", status.Concurrency);
        json.WriteStartObject("outcomes");
        for (int i = 0; i < OutcomeNames.Length; i++)
        {
            json.WriteNumber(OutcomeNames[i], status.Outcomes[i]);
        }

        json.WriteEndObject();
        Time(json, "last_success", status.LastSuccess);
        Time(json, "next_attempt", status.State is DeliveryCondition.Running or DeliveryCondition.Disabled ? null : status.NextAttempt);
    });

    public static byte[] Test(TestReport report) => Write(json =>
    {
        json.WriteBoolean("ok", report.Ok);
        json.WriteStartArray("steps");
        foreach (TestStep step in report.Steps)
        {
            json.WriteStartObject();
            json.WriteString("step", step.Step);
            json.WriteBoolean("ok", step.Ok);
            json.WriteNumber("ms", step.Ms);
            json.WriteString("detail", step.Detail);
            json.WriteString("hint", step.Hint);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteString("event_id", report.EventId);
        json.WriteString("correlation", report.Correlation);
    });

    public static byte[] DeadLetters(ImmutableArray<DeadLetter> letters, long? next) => Page(letters, next, (json, letter) =>
    {
        json.WriteStartObject();
        json.WriteNumber("seq", letter.Seq);
        json.WriteString("event_id", letter.EventId);
        json.WriteStartObject("reason");
        json.WriteString("code", letter.Code);
        Optional(json, "status", letter.Status);
        json.WriteString("message", letter.Message);
        json.WriteEndObject();
        json.WriteNumber("attempts", letter.Attempts);
        json.WriteString("first", letter.First.UtcDateTime);
        json.WriteString("last", letter.Last.UtcDateTime);
        json.WriteNumber("bytes", letter.SizeBytes);
        json.WriteEndObject();
    });

    public static byte[] Receipts(ImmutableArray<Receipt> receipts, long? next) => Page(receipts, next, (json, receipt) => json.WriteRawValue(receipt.Json.Span, skipInputValidation: true));

    public static byte[] Configs(ImmutableArray<ReadOnlyMemory<byte>> configs, string? next) => Write(json =>
    {
        json.WriteStartArray("items");
        foreach (ReadOnlyMemory<byte> config in configs)
        {
            json.WriteRawValue(config.Span, skipInputValidation: true);
        }

        json.WriteEndArray();
        json.WriteString("next", next);
    });

    public static byte[] Number(string name, long value) => Write(json => json.WriteNumber(name, value));

    private static byte[] Page<T>(ImmutableArray<T> items, long? next, Action<Utf8JsonWriter, T> write) => Write(json =>
    {
        json.WriteStartArray("items");
        foreach (T item in items)
        {
            write(json, item);
        }

        json.WriteEndArray();
        json.WriteString("next", next?.ToString(System.Globalization.CultureInfo.InvariantCulture));
    });

    private static void Optional(Utf8JsonWriter json, string name, long? value)
    {
        if (value is { } number)
        {
            json.WriteNumber(name, number);
        }
        else
        {
            json.WriteNull(name);
        }
    }

    private static void Time(Utf8JsonWriter json, string name, DateTimeOffset? value)
    {
        if (value is { } time)
        {
            json.WriteString(name, time.UtcDateTime);
        }
        else
        {
            json.WriteNull(name);
        }
    }

    private static byte[] Write(Action<Utf8JsonWriter> members)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter json = new(buffer))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
