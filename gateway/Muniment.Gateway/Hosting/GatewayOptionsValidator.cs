using Microsoft.Extensions.Options;

namespace Muniment.Gateway.Hosting;

/// <summary>Refuses settings that cannot work, each with key, value and what was expected.</summary>
public sealed class GatewayOptionsValidator : IValidateOptions<GatewayOptions>
{
    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, GatewayOptions options)
    {
        var errors = new List<string>();
        Range(errors, "Http", options.Http, 0, 65535);
        Range(errors, "OtlpGrpc", options.OtlpGrpc, 0, 65535);
        Range(errors, "OtlpHttp", options.OtlpHttp, 0, 65535);
        Range(errors, "MaxBodyBytes", options.MaxBodyBytes, 1 << 10, 256 << 20);
        Range(errors, "MaxInflatedBytes", options.MaxInflatedBytes, 1 << 10, 512 << 20);
        Range(errors, "MaxInflateRatio", options.MaxInflateRatio, 2, 1032);
        Range(errors, "MaxEventsPerRequest", options.MaxEventsPerRequest, 1, 1_000_000);
        Range(errors, "MaxBytesInFlight", options.MaxBytesInFlight, options.MaxInflatedBytes, 64L << 30);
        Range(errors, "MaxConnections", options.MaxConnections, 1, 1_000_000);
        if (ListenerSafety.Refuse(options) is { } sentence)
        {
            errors.Add(sentence);
        }

        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    private static void Range(List<string> errors, string key, long value, long min, long max)
    {
        if (value < min || value > max)
        {
            errors.Add($"{GatewayOptions.Section}:{key} is {value}; expected {min} to {max}");
        }
    }
}
