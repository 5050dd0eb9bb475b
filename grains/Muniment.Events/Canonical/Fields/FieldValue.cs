using System.Globalization;

namespace Muniment.Events.Canonical.Fields;

/// <summary>What a field holds in one event.</summary>
public enum FieldKind : byte
{
    /// <summary>The event has no such field.</summary>
    Missing,
    /// <summary>JSON <c>null</c>, only inside details.</summary>
    Null,
    /// <summary><see cref="FieldValue.Text"/></summary>
    Text,
    /// <summary><see cref="FieldValue.Integer"/></summary>
    Integer,
    /// <summary><see cref="FieldValue.Number"/></summary>
    Number,
    /// <summary><see cref="FieldValue.Flag"/></summary>
    Boolean,
    /// <summary>An object: <see cref="FieldValue.Json"/></summary>
    Json,
    /// <summary>Several values (an array, or a path through one): <see cref="FieldValue.Many"/></summary>
    Many,
}

/// <summary>One field's value. Numbers out of details keep their text beside, so nothing is lost by reading.</summary>
public readonly struct FieldValue
{
    private FieldValue(FieldKind kind, string? text = null, long integer = 0, double number = 0, ReadOnlyMemory<byte> json = default, FieldValue[]? many = null)
    {
        (Kind, Text, Integer, Number, Json, Many) = (kind, text, integer, number, json, many);
    }

    /// <summary>Which member is set.</summary>
    public FieldKind Kind { get; }
    /// <summary>The text; for numbers out of details the number as it was written.</summary>
    public string? Text { get; }
    /// <summary>The integer.</summary>
    public long Integer { get; }
    /// <summary>The number.</summary>
    public double Number { get; }
    /// <summary>The object as JSON text.</summary>
    public ReadOnlyMemory<byte> Json { get; }
    /// <summary>The values.</summary>
    public FieldValue[]? Many { get; }
    /// <summary>The truth value.</summary>
    public bool Flag => Integer != 0;
    /// <summary>Whether it is a number of either kind.</summary>
    public bool IsNumber => Kind is FieldKind.Integer or FieldKind.Number;
    /// <summary>The number as a double, whichever kind.</summary>
    public double AsNumber => Kind == FieldKind.Integer ? Integer : Number;

    /// <summary>Absent.</summary>
    public static FieldValue Missing => default;
    /// <summary>JSON null.</summary>
    public static FieldValue Null => new(FieldKind.Null);
    /// <summary>A text; missing for null.</summary>
    public static FieldValue Of(string? text) => text is null ? default : new FieldValue(FieldKind.Text, text);
    /// <summary>An integer; missing for null.</summary>
    public static FieldValue Of(long? value) => value is { } v ? new FieldValue(FieldKind.Integer, integer: v) : default;
    /// <summary>A number; missing for null.</summary>
    public static FieldValue Of(double? value) => value is { } v ? new FieldValue(FieldKind.Number, number: v) : default;
    /// <summary>A truth value; missing for null.</summary>
    public static FieldValue Of(bool? value) => value is { } v ? new FieldValue(FieldKind.Boolean, integer: v ? 1 : 0) : default;
    /// <summary>An object; missing when empty.</summary>
    public static FieldValue OfJson(ReadOnlyMemory<byte> json) => json.IsEmpty ? default : new FieldValue(FieldKind.Json, json: json);
    /// <summary>Several values.</summary>
    public static FieldValue Of(FieldValue[] many) => new(FieldKind.Many, many: many);
    /// <summary>A number as it stands in JSON.</summary>
    public static FieldValue OfNumber(string text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long integer)
            ? new FieldValue(FieldKind.Integer, text, integer: integer)
            : new FieldValue(FieldKind.Number, text, number: double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture));

    /// <summary>The value as text, for comparing with a text and for CSV; null when missing, null, an object or several.</summary>
    public string? AsText() => Kind switch
    {
        FieldKind.Text => Text,
        FieldKind.Integer => Text ?? Integer.ToString(CultureInfo.InvariantCulture),
        FieldKind.Number => Text ?? Number.ToString("R", CultureInfo.InvariantCulture),
        FieldKind.Boolean => Flag ? "true" : "false",
        _ => null,
    };
}
