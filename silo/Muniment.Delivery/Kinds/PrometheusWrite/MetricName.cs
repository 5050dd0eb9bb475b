using System.Text;

namespace Muniment.Delivery.Kinds.PrometheusWrite;

/// <summary>Names as OpenTelemetry's specification maps them to Prometheus: other characters become <c>_</c>, the unit and <c>_total</c> are added.</summary>
internal static class MetricName
{
    private static readonly Dictionary<string, string> Units = new(StringComparer.Ordinal)
    {
        ["s"] = "seconds", ["ms"] = "milliseconds", ["us"] = "microseconds", ["ns"] = "nanoseconds", ["min"] = "minutes", ["h"] = "hours", ["d"] = "days", ["By"] = "bytes", ["KiBy"] = "kibibytes",
        ["MiBy"] = "mebibytes", ["GiBy"] = "gibibytes", ["kBy"] = "kilobytes", ["MBy"] = "megabytes", ["GBy"] = "gigabytes", ["%"] = "percent", ["Cel"] = "celsius", ["J"] = "joules", ["W"] = "watts", ["V"] = "volts", ["Hz"] = "hertz",
    };

    /// <summary>The metric's name. A delta is no counter to Prometheus; it gets a name of its own, and <c>sum_over_time</c> adds it up.</summary>
    public static string Of(string name, string unit, bool counter, bool delta, bool gauge)
    {
        string clean = Clean(name, allowColon: true);
        string suffix = unit.Length == 0 || unit[0] == '{' ? "" : unit == "1" ? gauge ? "ratio" : "" : Units.TryGetValue(unit, out string? known) ? known : Clean(unit, allowColon: false).Trim('_');
        clean = suffix.Length > 0 && !clean.EndsWith("_" + suffix, StringComparison.Ordinal) ? clean + "_" + suffix : clean;
        return delta ? clean + "_delta" : counter && !clean.EndsWith("_total", StringComparison.Ordinal) ? clean + "_total" : clean;
    }

    /// <summary>A label's name. Names with two underscores in front are Prometheus's own.</summary>
    public static string Label(string key)
    {
        string clean = Clean(key, allowColon: false);
        return clean.StartsWith("__", StringComparison.Ordinal) ? "key" + clean : clean;
    }

    private static string Clean(string text, bool allowColon)
    {
        StringBuilder clean = new(text.Length + 1);
        foreach (char c in text)
        {
            clean.Append(char.IsAsciiLetterOrDigit(c) || (allowColon && c == ':') ? c : '_');
        }

        return clean.Length == 0 ? "_" : char.IsAsciiDigit(clean[0]) ? "_" + clean : clean.ToString();
    }
}
