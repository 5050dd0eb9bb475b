using System.Collections.Immutable;
using System.Text.Json;

namespace Muniment.Delivery.Configuration;

/// <summary>Reads members of one JSON object and remembers the first that was wrong. JSON null counts as absent.</summary>
internal sealed class FieldReader(JsonElement element, string prefix)
{
    public ConfigError? Error { get; private set; }

    public ConfigError? Unknown(ReadOnlySpan<string> known)
    {
        foreach (JsonProperty member in element.EnumerateObject())
        {
            if (!known.Contains(member.Name))
            {
                return new ConfigError(prefix + Outcomes.HttpOutcome.Clean(member.Name), "no such field; known are " + string.Join(", ", known.ToArray()));
            }
        }

        return null;
    }

    public void Fail(string field, string expected) => Error ??= new ConfigError(field, expected);

    public JsonElement? Find(string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined) ? value : null;

    public string? Text(string name, bool required = false)
    {
        switch (Find(name))
        {
            case { ValueKind: JsonValueKind.String } value:
                return value.GetString();
            case null when !required:
                return null;
            default:
                Fail(prefix + name, "a string");
                return null;
        }
    }

    public string Choice(string name, string otherwise, params string[] choices)
    {
        string text = Text(name) ?? otherwise;
        if (!choices.Contains(text))
        {
            Fail(prefix + name, "one of " + string.Join(", ", choices));
        }

        return text;
    }

    public bool Flag(string name, bool otherwise)
    {
        switch (Find(name))
        {
            case { ValueKind: JsonValueKind.True }:
                return true;
            case { ValueKind: JsonValueKind.False }:
                return false;
            case null:
                return otherwise;
            default:
                Fail(prefix + name, "true or false");
                return otherwise;
        }
    }

    public int Number(string name, int otherwise, int least, int most)
    {
        if (Find(name) is not { } value)
        {
            return otherwise;
        }

        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number) && number >= least && number <= most)
        {
            return number;
        }

        Fail(prefix + name, $"a whole number from {least} to {most}");
        return otherwise;
    }

    public ImmutableArray<string>? TextList(string name)
    {
        if (Find(name) is not { } value)
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.Array && value.GetArrayLength() <= 64 && value.EnumerateArray().All(v => v.ValueKind == JsonValueKind.String))
        {
            return [.. value.EnumerateArray().Select(v => v.GetString()!)];
        }

        Fail(prefix + name, "a list of strings");
        return null;
    }

    public FieldReader? Child(string name)
    {
        switch (Find(name))
        {
            case null:
                return null;
            case { ValueKind: JsonValueKind.Object } value:
                return new FieldReader(value, $"{prefix}{name}.");
            default:
                Fail(prefix + name, "an object");
                return null;
        }
    }

    /// <summary>The members of an object, each known by a rule; values are checked unless they are secrets, which the caller checks.</summary>
    public ImmutableSortedDictionary<string, JsonElement> Members(string name, ImmutableArray<FieldRule> rules, bool checkValues = true)
    {
        ImmutableSortedDictionary<string, JsonElement>.Builder found = ImmutableSortedDictionary.CreateBuilder<string, JsonElement>(StringComparer.Ordinal);
        if (Child(name) is { } child)
        {
            if (child.Unknown([.. rules.Select(r => r.Name)]) is { } unknown)
            {
                Fail(unknown.Field, unknown.Expected.Length == "no such field; known are ".Length ? "no such field: there are none here" : unknown.Expected);
                return found.ToImmutable();
            }

            foreach (FieldRule rule in rules)
            {
                if (child.Find(rule.Name) is { } value)
                {
                    if (checkValues && Wrong(rule, value) is { } expected)
                    {
                        Fail($"{prefix}{name}.{rule.Name}", expected);
                    }

                    found[rule.Name] = value;
                }
            }
        }

        foreach (FieldRule rule in rules.Where(r => checkValues && r.Required && !found.ContainsKey(r.Name)))
        {
            Fail($"{prefix}{name}.{rule.Name}", "a value");
        }

        return found.ToImmutable();
    }

    private static string? Wrong(FieldRule rule, JsonElement value) => rule.Form switch
    {
        FieldForm.Text when value.ValueKind == JsonValueKind.String && value.GetString()!.Length <= FieldRule.MaxTextLength => rule.Check?.Invoke(rule.Name, value.GetString()!),
        FieldForm.Text => "a string",
        FieldForm.Flag when value.ValueKind is JsonValueKind.True or JsonValueKind.False => null,
        FieldForm.Flag => "true or false",
        FieldForm.Number when value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _) => rule.Check?.Invoke(rule.Name, value.GetRawText()),
        FieldForm.Number => "a whole number",
        FieldForm.TextOrNumber when value.ValueKind == JsonValueKind.String => rule.Check?.Invoke(rule.Name, value.GetString()!),
        FieldForm.TextOrNumber when value.ValueKind == JsonValueKind.Number => rule.Check?.Invoke(rule.Name, value.GetRawText()),
        FieldForm.TextOrNumber => "a string or a whole number",
        FieldForm.TextMap when value.ValueKind == JsonValueKind.Object && value.EnumerateObject().All(m => m.Value.ValueKind == JsonValueKind.String) && value.GetPropertyCount() <= FieldRule.MaxMapSize =>
            value.EnumerateObject().Select(m => rule.Check?.Invoke(m.Name, m.Value.GetString()!)).FirstOrDefault(e => e is not null),
        FieldForm.Object when value.ValueKind == JsonValueKind.Object && value.GetRawText() is { Length: <= FieldRule.MaxTextLength } text => rule.Check?.Invoke(rule.Name, text),
        FieldForm.Object => "an object",
        FieldForm.TextOrList when value.ValueKind == JsonValueKind.String => rule.Check?.Invoke(rule.Name, value.GetString()!),
        FieldForm.TextOrList when value.ValueKind == JsonValueKind.Array && value.GetArrayLength() <= FieldRule.MaxMapSize && value.EnumerateArray().All(v => v.ValueKind == JsonValueKind.String) =>
            value.EnumerateArray().Select(v => rule.Check?.Invoke(rule.Name, v.GetString()!)).FirstOrDefault(e => e is not null),
        FieldForm.TextOrList => $"a string or a list of at most {FieldRule.MaxMapSize} strings",
        _ => $"an object of at most {FieldRule.MaxMapSize} strings",
    };
}
