using System.Collections.Immutable;
using Muniment.Delivery.Configuration;
using Muniment.Events.Formats;

namespace Muniment.Delivery.Kinds.SplunkHec;

/// <summary>Splunk HTTP Event Collector, with indexer acknowledgement where the token has it. See <c>docs/siem/splunk.md</c>.</summary>
internal sealed class SplunkHecKind : IDestinationKind
{
    private const int CloudBytes = 1_000_000;
    private static readonly ImmutableArray<string> _cloud = [".splunkcloud.com", ".splunkcloudgc.com"]; // the second for governments

    public string Name => "splunk_hec";

    public EndpointForm Endpoint => EndpointForm.HttpBase;

    public ImmutableArray<FieldRule> Options { get; } =
    [
        new("index", FieldForm.Text, Check: (_, text) => text.Length is > 0 and <= 80 && text.All(c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '_' or '-') ? null : "an index name: 1 to 80 of a-z 0-9 _ -"),
        new("source", FieldForm.Text, Check: Short),
        new("sourcetype", FieldForm.Text, Check: Short),
        new("ack", FieldForm.Flag),
        new("search_endpoint", FieldForm.Text, Check: (_, text) => EndpointRules.Check(EndpointForm.HttpBase, text)),
    ];

    public ImmutableArray<FieldRule> Credentials { get; } =
    [
        new("token", FieldForm.Text, Required: true, Check: (_, text) => text.Length <= 256 && text.All(c => c is > ' ' and <= '~') ? null : "at most 256 printable ASCII characters without blanks"),
        new("search_token", FieldForm.Text, Check: FieldChecks.Token(4096)),
    ];

    public ImmutableArray<string> Formats => EventFormats.Json;

    public bool CarriesRaw => false;

    /// <summary>About 1 MB a request, then more while full ones are taken: a Splunk of one's own takes hundreds (<c>max_content_length</c>), and a backlog goes out faster.</summary>
    public BatchConfig Batch { get; } = new(MaxEvents: 4000, MaxBytes: 4_000_000, MaxAgeMs: 100, InFlight: 4) { FirstBytes = CloudBytes };

    /// <summary>Splunk Cloud asks for about 1 MB.</summary>
    public BatchConfig BatchFor(string endpoint) =>
        Uri.TryCreate(endpoint, UriKind.Absolute, out Uri? address) && _cloud.Any(name => address.Host.EndsWith(name, StringComparison.OrdinalIgnoreCase))
            ? Batch with { MaxEvents = 2000, MaxBytes = CloudBytes }
            : Batch;

    public ConfigError? Check(DestinationConfig config, SecretBag secrets) => (secrets.Find("credential.search_token"), config.Text("search_endpoint")) switch
    {
        (not null, null) => new ConfigError("options.search_endpoint", "the management address, such as https://splunk.example.com:8089, beside credential.search_token"),
        (null, not null) => new ConfigError("credential.search_token", "a token of a user who may search, beside options.search_endpoint"),
        _ => null,
    };

    public IEventRenderer CreateRenderer(RenderContext context) => new HecRenderer(context);

    public IDestinationSender CreateSender(SenderContext context) => new HecSender(context);

    private static string? Short(string name, string text) => text.Length is > 0 and <= 256 && text.All(c => c is >= ' ' and <= '~') ? null : "1 to 256 printable ASCII characters";
}
