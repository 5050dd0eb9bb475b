using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Muniment.Gateway.Administration;

/// <summary>
/// Reads the JSON object of a configuration request field by field and remembers the first thing that is wrong. Unknown and repeated fields are wrong too:
/// a misspelt setting must not be taken for a default.
/// </summary>
public sealed class JsonFields : IDisposable
{
    /// <summary>Largest body of a configuration request.</summary>
    public const int MaxBodyBytes = 1 << 20;

    private readonly JsonDocument _document;
    private readonly JsonElement _object;
    private readonly string _prefix;
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);

    private JsonFields(JsonDocument document, JsonElement json, string prefix)
    {
        _document = document;
        _object = json;
        _prefix = prefix;
    }

    /// <summary>The first fault, or null.</summary>
    public IResult? Fault { get; private set; }

    /// <summary>Reads a request's body. One of the two is null.</summary>
    public static async Task<(JsonFields? Fields, IResult? Fault)> ReadAsync(HttpContext context)
    {
        if (context.Request.Headers.ContentEncoding.Count > 0)
        {
            return (null, Problem.Status(StatusCodes.Status415UnsupportedMediaType, "Unsupported media type", "Content-Encoding: expected none here"));
        }

        try
        {
            using var body = new MemoryStream();
            byte[] buffer = ArrayPool<byte>.Shared.Rent(16 * 1024);
            try
            {
                for (int read; (read = await context.Request.Body.ReadAsync(buffer, context.RequestAborted)) > 0;)
                {
                    if (body.Length + read > MaxBodyBytes)
                    {
                        return (null, Problem.Status(StatusCodes.Status413PayloadTooLarge, "Too large", $"body: larger than {MaxBodyBytes} bytes"));
                    }

                    body.Write(buffer, 0, read);
                }
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }

            return Parse(body.ToArray());
        }
        catch (IOException e) when (e is not BadHttpRequestException)
        {
            return (null, Problem.BadField("body", "a whole body; it broke off or its transfer coding is invalid"));
        }
    }

    /// <summary>Reads a body that is in memory.</summary>
    public static (JsonFields? Fields, IResult? Fault) Parse(ReadOnlyMemory<byte> body)
    {
        try
        {
            if (!System.Text.Unicode.Utf8.IsValid(body.Span))
            {
                return (null, Problem.BadField("body", "valid UTF-8"));
            }

            JsonDocument document = JsonDocument.Parse(body, new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = 32 });
            if (document.RootElement.ValueKind is JsonValueKind.Object)
            {
                return (new JsonFields(document, document.RootElement, ""), null);
            }

            document.Dispose();
            return (null, Problem.BadField("body", "a JSON object"));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return (null, Problem.BadField("body", "a well-formed JSON object without repeated names or half surrogate pairs"));
        }
    }

    /// <summary>Text, or null when absent or null.</summary>
    public string? Text(string name, int maxLength, bool required = false)
    {
        if (!TryGet(name, out JsonElement value))
        {
            return required ? Fail<string?>(name, $"a text of 1 to {maxLength} characters", null) : null;
        }

        string? text = null;
        try
        {
            text = value.ValueKind is JsonValueKind.String ? value.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair.
        }

        return text is { Length: > 0 } && text.Length <= maxLength && !text.Any(char.IsControl)
            ? text
            : Fail<string?>(name, $"a text of 1 to {maxLength} characters without control characters", null);
    }

    /// <summary>A truth value; false when absent.</summary>
    public bool Flag(string name) => TryGet(name, out JsonElement value) && (value.ValueKind is JsonValueKind.True
        || (value.ValueKind is not JsonValueKind.False && Fail(name, "true or false", false)));

    /// <summary>A count from 0; <paramref name="absent"/> when there is none.</summary>
    public long Count(string name, long absent) => !TryGet(name, out JsonElement value) ? absent
        : value.ValueKind is JsonValueKind.Number && value.TryGetInt64(out long count) && count >= 0 ? count
        : Fail(name, "a whole number from 0", absent);

    /// <summary>A time in RFC 3339, or null when absent.</summary>
    public DateTimeOffset? Time(string name)
    {
        string? text = Text(name, 40);
        return text is null ? null
            : Events.Timestamps.TryParse(text, out long ns) ? DateTimeOffset.UnixEpoch.AddTicks(ns / 100)
            : Fail<DateTimeOffset?>(name, "a time in RFC 3339, e.g. 2026-12-31T00:00:00Z", null);
    }

    /// <summary>An object's fields, or null when absent.</summary>
    public JsonFields? Object(string name) => !TryGet(name, out JsonElement value) ? null
        : value.ValueKind is JsonValueKind.Object ? new JsonFields(_document, value, _prefix + name + ".")
        : Fail<JsonFields?>(name, "an object", null);

    /// <summary>Any value, or an undefined one when absent.</summary>
    public JsonElement Any(string name) => TryGet(name, out JsonElement value) ? value : default;

    /// <summary>Names a fault of one's own, unless there is one already.</summary>
    public T Fail<T>(string name, string expected, T value)
    {
        Fault ??= Problem.BadField(_prefix + name, expected);
        return value;
    }

    /// <summary>The first fault of these fields or of nested ones; names a field that nobody asked for.</summary>
    public IResult? Finish(params JsonFields?[] nested)
    {
        foreach (JsonFields? inner in nested)
        {
            Fault ??= inner?.Finish();
        }

        if (Fault is null && _object.EnumerateObject().Select(member => member.Name).FirstOrDefault(name => !_known.Contains(name)) is { } unknown)
        {
            Fault = Problem.BadField(_prefix + unknown, string.Create(CultureInfo.InvariantCulture, $"one of {string.Join(", ", _known.Order(StringComparer.Ordinal))}"));
        }

        return Fault;
    }

    /// <inheritdoc/>
    public void Dispose() => _document.Dispose();

    private bool TryGet(string name, out JsonElement value)
    {
        _known.Add(name);
        return _object.TryGetProperty(name, out value) && value.ValueKind is not JsonValueKind.Null;
    }
}
