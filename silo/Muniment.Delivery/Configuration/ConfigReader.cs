using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Muniment.Delivery.Kinds;

namespace Muniment.Delivery.Configuration;

/// <summary>Reads a destination's JSON. Every refusal names the field and what was expected; unknown and repeated members are refused.</summary>
public sealed class ConfigReader(KindRegistry kinds, IPredicateCompiler predicates)
{
    /// <summary>What stands in the place of a secret.</summary>
    public const string Mask = "***";

    /// <summary>Whether <c>credential.ambient</c> is open to whoever configures; said by <c>Delivery:AmbientTenants</c>.</summary>
    public bool MayUseAmbient { get; init; }

    /// <summary>Most names in <c>redact</c>.</summary>
    public const int MaxRedactNames = 64;

    /// <summary>Knows the names of <c>redact</c>.</summary>
    public IRedactionCompiler Redactions { get; init; } = new NoRedaction();

    private static readonly string[] Members =
        ["id", "kind", "endpoint", "credential", "options", "streams", "where", "sample", "format", "redact", "tls", "batch", "order", "on_full", "start", "enabled"];

    private static readonly string[] AllFormats = ["canonical", "flat", "ocsf", "ecs", "udm", "asim", "cef", "leef", "cim", "otlp"];

    /// <summary>Reads and checks.</summary>
    /// <param name="json">The body.</param>
    /// <param name="before">Secrets kept where the body says <c>***</c>; null leaves secrets out altogether, to read the shape of a stored configuration.</param>
    /// <param name="id">Id of an existing destination, or null for a new one.</param>
    /// <param name="config">The configuration.</param>
    /// <param name="secrets">Its secrets.</param>
    public ConfigError? Read(ReadOnlyMemory<byte> json, SecretBag? before, string? id, out DestinationConfig? config, out SecretBag secrets)
    {
        config = null;
        secrets = SecretBag.Empty;
        JsonElement root;
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = 32 });
            root = document.RootElement.Clone();
            if (root.ValueKind != JsonValueKind.Object)
            {
                return new ConfigError("body", "a JSON object");
            }

            return ReadObject(root, before, id, out config, out secrets);
        }
        catch (JsonException exception)
        {
            return new ConfigError("body", "valid JSON without repeated members: " + exception.Message);
        }
        catch (InvalidOperationException)
        {
            return new ConfigError("body", "strings of valid UTF-8");
        }
    }

    private ConfigError? ReadObject(JsonElement root, SecretBag? before, string? id, out DestinationConfig? config, out SecretBag secrets)
    {
        config = null;
        secrets = SecretBag.Empty;
        FieldReader fields = new(root, "");
        if (fields.Unknown(Members) is { } unknown)
        {
            return unknown;
        }

        string? kindName = fields.Text("kind", required: true);
        IDestinationKind? kind = kindName is null ? null : kinds.Find(kindName);
        if (fields.Error is null && kind is null)
        {
            return new ConfigError("kind", "one of " + string.Join(", ", kinds.Names));
        }

        string name = fields.Text("id") ?? id ?? "";
        if (fields.Error is null && (id is not null ? name != id : !IsId(name)))
        {
            return new ConfigError("id", id is not null ? $"'{id}', the id in the path" : $"1 to {DestinationConfig.MaxIdLength} of a-z 0-9 - _ . beginning with a letter or digit");
        }

        string endpoint = fields.Text("endpoint", required: kind?.Endpoint != EndpointForm.HttpBaseOrEmpty) ?? "";
        if (fields.Error is { } early)
        {
            return early;
        }

        if (EndpointRules.Check(kind!.Endpoint, endpoint) is { } expected)
        {
            return new ConfigError("endpoint", expected);
        }

        ImmutableSortedDictionary<string, string>.Builder bag = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        ImmutableSortedDictionary<string, JsonElement> options = fields.Members("options", kind.Options);
        SecretReader? given = before is null ? null : new SecretReader(fields, before, bag);
        given?.ReadCredential(kind, MayUseAmbient);

        ImmutableArray<string> streams = fields.TextList("streams") ?? [.. kind.Streams.Where(s => StreamNames.Events.Contains(s) == StreamNames.Events.Contains(kind.Streams[0]))];
        string? formatText = fields.Text("format");
        string order = fields.Choice("order", "strict", "strict", "relaxed");
        string onFull = fields.Choice("on_full", "hold", "hold", "expire");
        bool enabled = fields.Flag("enabled", true);
        string start = ReadStart(fields);
        BatchConfig batch = BatchReader.Read(fields, kind, endpoint, strict: order == "strict");
        (string? authority, string? certificate) = given?.ReadTls() ?? (null, null);
        SampleConfig? sample = ReadSample(fields);
        JsonElement? where = ReadSelection(fields, "where", "where");
        ImmutableArray<string> redact = fields.TextList("redact") ?? [];
        if (fields.Error is { } error)
        {
            return error;
        }

        if (redact.Length > 0)
        {
            if (redact.Length > MaxRedactNames || redact.Distinct().Count() != redact.Length)
            {
                return new ConfigError("redact", $"at most {MaxRedactNames} names, each once");
            }

            if (Redactions.Compile(redact, out string? wanted) is null)
            {
                return new ConfigError("redact", wanted ?? "names of detectors");
            }
        }

        if (CheckStreams(kind, streams) is { } wrongStreams)
        {
            return wrongStreams;
        }

        bool raw = StreamNames.Raw.Contains(streams[0]);
        string format = formatText ?? (raw ? "otlp" : kind.Formats[0]);
        if (CheckFormat(kind, format, raw) is { } wrongFormat)
        {
            return wrongFormat;
        }

        config = new DestinationConfig
        {
            Id = name, Kind = kind.Name, Endpoint = endpoint, Options = options, Streams = streams, Where = where, Sample = sample, Format = format, Redact = redact,
            AuthorityPem = authority, ClientCertificatePem = certificate, Batch = batch, Strict = order == "strict", OnFull = onFull, Start = start, Enabled = enabled,
        };
        secrets = new SecretBag(bag.ToImmutable());
        return before is null ? null : kind.Check(config, secrets); // without its secrets it was checked before
    }

    private SampleConfig? ReadSample(FieldReader fields)
    {
        if (fields.Child("sample") is not { } sample)
        {
            return null;
        }

        if (sample.Unknown(["rate", "keep"]) is { } unknown)
        {
            fields.Fail(unknown.Field, unknown.Expected);
            return null;
        }

        double rate = sample.Find("rate") is { ValueKind: JsonValueKind.Number } value ? value.GetDouble() : -1;
        if (rate is not (>= 0 and <= 1))
        {
            fields.Fail("sample.rate", "a number from 0 to 1");
        }

        JsonElement? keep = ReadSelection(sample, "keep", "sample.keep");
        if (sample.Error is { } error)
        {
            fields.Fail(error.Field, error.Expected);
        }

        return new SampleConfig(rate, keep);
    }

    private JsonElement? ReadSelection(FieldReader fields, string member, string path)
    {
        if (fields.Find(member) is not { } selection)
        {
            return null;
        }

        if (predicates.Compile(selection, out string? expected) is null)
        {
            fields.Fail(path, expected ?? "a selection");
        }

        return selection;
    }

    private static string ReadStart(FieldReader fields)
    {
        if (fields.Find("start") is not { } start)
        {
            return "now";
        }

        string? text = start.ValueKind switch { JsonValueKind.String => start.GetString(), JsonValueKind.Number => start.GetRawText(), _ => null };
        if (text is "now" or "beginning" || (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long seq) && seq >= 0))
        {
            return text;
        }

        fields.Fail("start", "now, beginning, or a seq from 0");
        return "now";
    }

    private static ConfigError? CheckStreams(IDestinationKind kind, ImmutableArray<string> streams)
    {
        string carried = string.Join(", ", kind.Streams);
        if (streams.Length == 0 || streams.Distinct().Count() != streams.Length)
        {
            return new ConfigError("streams", "at least one stream, none twice: " + carried);
        }

        foreach (string stream in streams)
        {
            if (!kind.Streams.Contains(stream))
            {
                return new ConfigError("streams", $"what {kind.Name} carries: {carried}; '{Outcomes.HttpOutcome.Clean(stream)}' is not among them");
            }
        }

        return streams.Any(s => StreamNames.Raw.Contains(s)) && streams.Any(s => StreamNames.Events.Contains(s))
            ? new ConfigError("streams", "either event streams or otel_* streams for one destination, not both")
            : null;
    }

    private static ConfigError? CheckFormat(IDestinationKind kind, string format, bool raw)
    {
        if (raw && format != "otlp" && AllFormats.Contains(format))
        {
            return new ConfigError("streams", $"event streams with format {format}, or format otlp: otel_* streams are sent as they came");
        }

        ImmutableArray<string> may = raw ? ["otlp"] : kind.Formats;
        return may.Contains(format)
            ? null
            : new ConfigError("format", $"one of {string.Join(", ", may)} for {kind.Name}{(raw ? " with otel_* streams" : "")}{(AllFormats.Contains(format) ? "" : ", and a format that exists")}");
    }

    /// <summary>Whether a text can be a destination's id: it becomes a folder, a part of a grain key and of a URL.</summary>
    public static bool IsId(string text)
    {
        if (text.Length is 0 or > DestinationConfig.MaxIdLength || !char.IsAsciiLetterOrDigit(text[0]))
        {
            return false;
        }

        return text.All(c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '-' or '_' or '.');
    }
}
