using System.Text.Json;

namespace Muniment.Delivery.Configuration;

/// <summary>Sampling: an event is kept when the hash of its id, as a fraction of 1, is under <paramref name="Rate"/>, or when it matches <paramref name="Keep"/>.</summary>
/// <param name="Rate">0 to 1.</param>
/// <param name="Keep">A selection whose matches are always kept, or null.</param>
public sealed record SampleConfig(double Rate, JsonElement? Keep);
