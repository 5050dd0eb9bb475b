using System.Collections.Immutable;
using System.Text;
using Muniment.Delivery.Configuration;
using Muniment.Events.Formats;

namespace Muniment.Delivery.Kinds.Elastic;

/// <summary>Elasticsearch and OpenSearch by <c>_bulk</c> with our own ids. See <c>docs/siem/elastic.md</c>.</summary>
internal sealed class ElasticKind : IDestinationKind
{
    /// <summary>Where events go unless configured.</summary>
    public const string DefaultDataStream = "logs-muniment-default";

    public string Name => "elastic";

    public EndpointForm Endpoint => EndpointForm.HttpBase;

    public ImmutableArray<FieldRule> Options { get; } = [new("data_stream", FieldForm.Text, Check: CheckName)];

    public ImmutableArray<FieldRule> Credentials { get; } =
    [
        new("api_key", FieldForm.Text, Check: FieldChecks.Token(2048)),
        .. Authorization.Rules.Where(r => r.Name != "bearer"),
    ];

    public ImmutableArray<string> Formats => EventFormats.Json;

    public bool CarriesRaw => false;

    /// <summary>A fraction of the server's 100 MB; larger requests index no faster.</summary>
    public BatchConfig Batch { get; } = new(MaxEvents: 2000, MaxBytes: 5_000_000, MaxAgeMs: 100, InFlight: 4);

    public ConfigError? Check(DestinationConfig config, SecretBag secrets) =>
        secrets.Find("credential.api_key") is not null && secrets.Find("credential.username") is not null
            ? new ConfigError("credential.api_key", "either this or username and password, not both")
            : Authorization.Check(secrets);

    public IEventRenderer CreateRenderer(RenderContext context) => new ElasticRenderer(context);

    public IDestinationSender CreateSender(SenderContext context) => new ElasticSender(context);

    /// <summary>The server's rule for names of data streams.</summary>
    private static string? CheckName(string name, string text) =>
        text.Length > 0 && Encoding.UTF8.GetByteCount(text) <= 255 && char.IsAsciiLetterOrDigit(text[0]) && text.All(c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '-' or '_' or '.')
            ? null : "a data stream's name such as logs-muniment-default: 1 to 255 of a-z 0-9 - _ . beginning with a letter or digit";
}
