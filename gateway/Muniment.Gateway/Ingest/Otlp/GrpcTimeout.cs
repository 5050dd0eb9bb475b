using System.Globalization;

namespace Muniment.Gateway.Ingest.Otlp;

/// <summary>The header <c>grpc-timeout</c>: one to eight digits and a unit.</summary>
internal static class GrpcTimeout
{
    /// <summary>Longer deadlines are none: the server's own limits end first.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    /// <summary>Reads it; false when it is malformed. No header, or a very long one, gives null.</summary>
    public static bool TryParse(string? text, out TimeSpan? timeout)
    {
        timeout = null;
        if (string.IsNullOrEmpty(text))
        {
            return true;
        }

        if (text.Length is < 2 or > 9 || !uint.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out uint value))
        {
            return false;
        }

        double? seconds = text[^1] switch
        {
            'H' => value * 3600.0,
            'M' => value * 60.0,
            'S' => value,
            'm' => value / 1e3,
            'u' => value / 1e6,
            'n' => value / 1e9,
            _ => null,
        };
        if (seconds is null)
        {
            return false;
        }

        if (seconds < Longest.TotalSeconds)
        {
            timeout = TimeSpan.FromSeconds(seconds.Value);
        }

        return true;
    }
}
