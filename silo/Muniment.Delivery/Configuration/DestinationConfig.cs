using System.Collections.Immutable;
using System.Text.Json;

namespace Muniment.Delivery.Configuration;

/// <summary>One destination as configured, checked, without its secrets (they are <see cref="SecretBag"/>). Immutable.</summary>
public sealed record DestinationConfig
{
    /// <summary>Longest id.</summary>
    public const int MaxIdLength = 63;

    /// <summary>Largest configuration in bytes.</summary>
    public const int MaxSizeBytes = 256 * 1024;

    /// <summary>Its name within the tenant.</summary>
    public required string Id { get; init; }
    /// <summary>Name of its kind.</summary>
    public required string Kind { get; init; }
    /// <summary>Base URL or plain name; what it means is the kind's.</summary>
    public required string Endpoint { get; init; }
    /// <summary>Options that were given, checked by the kind's rules.</summary>
    public ImmutableSortedDictionary<string, JsonElement> Options { get; init; } = ImmutableSortedDictionary<string, JsonElement>.Empty;
    /// <summary>Selected streams, in the order given.</summary>
    public required ImmutableArray<string> Streams { get; init; }
    /// <summary>Selection that events must match, or null.</summary>
    public JsonElement? Where { get; init; }
    /// <summary>Sampling, or null for everything.</summary>
    public SampleConfig? Sample { get; init; }
    /// <summary>Format of the events.</summary>
    public required string Format { get; init; }
    /// <summary>Detectors whose finds are replaced in everything that goes out, in the order given.</summary>
    public ImmutableArray<string> Redact { get; init; } = [];
    /// <summary>Authority to trust, PEM.</summary>
    public string? AuthorityPem { get; init; }
    /// <summary>Client certificate, PEM; its key is a secret.</summary>
    public string? ClientCertificatePem { get; init; }
    /// <summary>Size of requests.</summary>
    public required BatchConfig Batch { get; init; }
    /// <summary>One request in flight, oldest first.</summary>
    public bool Strict { get; init; } = true;
    /// <summary><c>hold</c> or <c>expire</c>.</summary>
    public string OnFull { get; init; } = "hold";
    /// <summary><c>now</c>, <c>beginning</c> or a seq; counts when the destination is made.</summary>
    public string Start { get; init; } = "now";
    /// <summary>Whether it delivers.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Whether raw OTLP records are selected, not events.</summary>
    public bool IsRaw => Streams.Length > 0 && StreamNames.Raw.Contains(Streams[0]);

    /// <summary>Most requests at once.</summary>
    public int InFlight => Strict ? 1 : Batch.InFlight;

    /// <summary>A text option, or null.</summary>
    public string? Text(string option) => Options.TryGetValue(option, out JsonElement value) ? value.GetString() : null;

    /// <summary>A flag option; false when absent.</summary>
    public bool Flag(string option) => Options.TryGetValue(option, out JsonElement value) && value.ValueKind == JsonValueKind.True;

    /// <summary>A number option, or null.</summary>
    public long? Number(string option) => Options.TryGetValue(option, out JsonElement value) ? value.GetInt64() : null;

    /// <summary>The members of a map option; none when absent.</summary>
    public IEnumerable<KeyValuePair<string, string>> Map(string option) =>
        Options.TryGetValue(option, out JsonElement value) && value.ValueKind == JsonValueKind.Object ? value.EnumerateObject().Select(m => KeyValuePair.Create(m.Name, m.Value.GetString()!)) : [];

    /// <summary>The texts of an option that is one or a list; none when absent.</summary>
    public IEnumerable<string> Texts(string option) => Options.TryGetValue(option, out JsonElement value)
        ? value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().Select(v => v.GetString()!) : [value.GetString()!]
        : [];

    /// <summary>Whether both select the same events and redact them alike, so that the epoch stays.</summary>
    public bool SelectsLike(DestinationConfig other) =>
        Streams.Order().SequenceEqual(other.Streams.Order()) && Same(Where, other.Where) && Sample?.Rate == other.Sample?.Rate && Same(Sample?.Keep, other.Sample?.Keep)
        && Redact.Order(StringComparer.Ordinal).SequenceEqual(other.Redact.Order(StringComparer.Ordinal));

    private static bool Same(JsonElement? left, JsonElement? right) =>
        left is null || right is null ? left is null && right is null : JsonElement.DeepEquals(left.Value, right.Value);
}
