using System.Globalization;
using System.Text.Json;

namespace Muniment.Events.Canonical.Sessions;

/// <summary>Sums of tokens and money over a session. Money is summed in the first unit seen; amounts in others are left out.</summary>
internal sealed class SessionUsage
{
    private UsagePart sum = new();
    private decimal cost;
    private string? unit;
    private string? source;

    /// <summary>Adds one event's usage; sums stay at the largest number when they would pass it.</summary>
    public void Add(in SessionTokens part)
    {
        sum.Input = Sum(sum.Input, part.Input);
        sum.CacheRead = Sum(sum.CacheRead, part.CacheRead);
        sum.CacheWrite = Sum(sum.CacheWrite, part.CacheWrite);
        sum.Output = Sum(sum.Output, part.Output);
        sum.Reasoning = Sum(sum.Reasoning, part.Reasoning);
        if (part.Cost is { } amount)
        {
            AddCost(amount, part.CostUnit!, part.CostSource);
        }
    }

    /// <summary>The sums as they are now.</summary>
    public SessionUsage Copy()
    {
        var copy = (SessionUsage)MemberwiseClone();
        copy.sum = new UsagePart { Input = sum.Input, CacheRead = sum.CacheRead, CacheWrite = sum.CacheWrite, Output = sum.Output, Reasoning = sum.Reasoning };
        return copy;
    }

    /// <summary>Writes the member <c>usage</c>.</summary>
    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject("usage"u8);
        writer.WriteNumber("input"u8, sum.Input ?? 0);
        writer.WriteNumber("cache_read"u8, sum.CacheRead ?? 0);
        writer.WriteNumber("cache_write"u8, sum.CacheWrite ?? 0);
        writer.WriteNumber("output"u8, sum.Output ?? 0);
        writer.WriteNumber("reasoning"u8, sum.Reasoning ?? 0);
        if (unit is not null)
        {
            writer.WriteStartObject("cost"u8);
            writer.WriteString("amount"u8, cost.ToString(CultureInfo.InvariantCulture));
            writer.WriteString("unit"u8, unit);
            writer.WriteString("source"u8, source);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    /// <summary>Writes the sums as state.</summary>
    public void WriteState(BinaryWriter writer)
    {
        foreach (long? number in (ReadOnlySpan<long?>)[sum.Input, sum.CacheRead, sum.CacheWrite, sum.Output, sum.Reasoning])
        {
            writer.Write(number.HasValue);
            writer.Write(number ?? 0);
        }

        writer.Write(cost);
        writer.Write(unit is not null);
        writer.Write(unit ?? "");
        writer.Write(source is not null);
        writer.Write(source ?? "");
    }

    /// <summary>Reads what <see cref="WriteState"/> wrote.</summary>
    public static SessionUsage ReadState(BinaryReader reader) => new()
    {
        sum = new UsagePart { Input = Number(reader), CacheRead = Number(reader), CacheWrite = Number(reader), Output = Number(reader), Reasoning = Number(reader) },
        cost = reader.ReadDecimal(),
        unit = Text(reader),
        source = Text(reader),
    };

    private static long? Number(BinaryReader reader)
    {
        bool there = reader.ReadBoolean();
        long number = reader.ReadInt64();
        return there ? number : null;
    }

    private static string? Text(BinaryReader reader)
    {
        bool there = reader.ReadBoolean();
        string text = reader.ReadString();
        return there ? text : null;
    }

    private static long? Sum(long? a, long? b) => b is null ? a : (a ?? 0) > long.MaxValue - b ? long.MaxValue : (a ?? 0) + b;

    private void AddCost(decimal amount, string itsUnit, string? itsSource)
    {
        const decimal MaxAmount = 1_000_000_000_000;
        if (amount > MaxAmount)
        {
            return;
        }

        unit ??= itsUnit;
        if (unit == itsUnit)
        {
            cost += amount;
            source = source is null || source == itsSource ? itsSource : "computed";
        }
    }
}
