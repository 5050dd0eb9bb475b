using Microsoft.Extensions.Options;

namespace Muniment.Gateway.Deciding.Prices;

/// <summary>Refuses a price list with something wrong in it at start, by the name of the setting.</summary>
internal sealed class PriceOptionsValidator : IValidateOptions<PriceOptions>
{
    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, PriceOptions options) => options.Fault() is { } fault ? ValidateOptionsResult.Fail(fault) : ValidateOptionsResult.Success;
}
