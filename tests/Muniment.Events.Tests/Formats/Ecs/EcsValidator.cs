using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using YamlDotNet.Serialization;

namespace Muniment.Events.Tests.Formats.Ecs;

/// <summary>Judges a record by <c>ecs_flat.yml</c>: fields, types, allowed values, the types expected for a category, required fields. Fields of the own namespace are left alone.</summary>
internal sealed class EcsValidator
{
    private readonly Dictionary<string, Field> _fields = [];
    private readonly Dictionary<string, HashSet<string>> _expectedTypes = [];

    public EcsValidator(string yaml)
    {
        Dictionary<object, object> all = (Dictionary<object, object>)new DeserializerBuilder().Build().Deserialize(new StringReader(yaml))!;
        foreach ((object name, object value) in all)
        {
            Dictionary<object, object> field = (Dictionary<object, object>)value;
            HashSet<string> allowed = [];
            foreach (Dictionary<object, object> word in field.TryGetValue("allowed_values", out object? words) ? ((List<object>)words).Cast<Dictionary<object, object>>() : [])
            {
                allowed.Add((string)word["name"]);
                if ((string)name == "event.category")
                {
                    _expectedTypes[(string)word["name"]] = [.. ((List<object>)word["expected_event_types"]).Cast<string>()];
                }
            }

            _fields[(string)name] = new Field((string)field["type"], ((List<object>)field["normalize"]).Contains("array"), allowed, field.TryGetValue("required", out object? r) && (string)r == "true");
        }
    }

    public int Count => _fields.Count;

    public List<string> Judge(JsonObject record, string ownNamespace)
    {
        List<string> errors = [];
        Walk(record, "", ownNamespace, errors);
        foreach ((string name, Field field) in _fields.Where(f => f.Value.Required && !Has(record, f.Key)))
        {
            errors.Add($"{name}: required");
        }

        string[] categories = Texts(record["event"]?["category"]);
        string[] types = Texts(record["event"]?["type"]);
        errors.AddRange(types.Where(t => !categories.Any(c => _expectedTypes.TryGetValue(c, out HashSet<string>? expected) && expected.Contains(t))).Select(t => $"event.type {t} is not expected for {string.Join(", ", categories)}"));
        errors.AddRange(categories.Where(c => !types.Any(t => _expectedTypes.TryGetValue(c, out HashSet<string>? expected) && expected.Contains(t))).Select(c => $"event.category {c} has no type"));
        return errors;
    }

    private void Walk(JsonObject value, string path, string ownNamespace, List<string> errors)
    {
        foreach ((string name, JsonNode? member) in value)
        {
            string at = path + name;
            if (at == ownNamespace)
            {
                continue;
            }

            if (member is JsonObject inner && !at.StartsWith("labels.", StringComparison.Ordinal))
            {
                Walk(inner, at + ".", ownNamespace, errors);
            }
            else if (at.StartsWith("labels.", StringComparison.Ordinal))
            {
                if (member?.GetValueKind() != JsonValueKind.String)
                {
                    errors.Add($"{at}: a label is a keyword");
                }
            }
            else if (!_fields.TryGetValue(at, out Field? field))
            {
                errors.Add($"{at}: no such field");
            }
            else if (member is JsonArray array)
            {
                if (!field.IsArray)
                {
                    errors.Add($"{at}: not an array in ECS");
                }

                foreach (JsonNode? one in array)
                {
                    Check(at, field, one, errors);
                }
            }
            else
            {
                if (field.IsArray)
                {
                    errors.Add($"{at}: an array in ECS");
                }

                Check(at, field, member, errors);
            }
        }
    }

    private static void Check(string at, Field field, JsonNode? value, List<string> errors)
    {
        JsonValueKind kind = value?.GetValueKind() ?? JsonValueKind.Null;
        bool right = field.Type switch
        {
            "keyword" or "wildcard" or "match_only_text" or "constant_keyword" => kind == JsonValueKind.String && value!.GetValue<string>().Length > 0,
            "long" => kind == JsonValueKind.Number && value!.AsValue().TryGetValue(out long _),
            "integer" => kind == JsonValueKind.Number && value!.AsValue().TryGetValue(out int _),
            "float" or "double" or "scaled_float" => kind == JsonValueKind.Number,
            "boolean" => kind is JsonValueKind.True or JsonValueKind.False,
            "date" => kind == JsonValueKind.String && DateTimeOffset.TryParse(value!.GetValue<string>(), CultureInfo.InvariantCulture, out _),
            "ip" => kind == JsonValueKind.String && IPAddress.TryParse(value!.GetValue<string>(), out _),
            _ => false,
        };
        if (!right)
        {
            errors.Add($"{at}: {value?.ToJsonString() ?? "null"} is no {field.Type}");
        }
        else if (field.Allowed.Count > 0 && !field.Allowed.Contains(value!.GetValue<string>()))
        {
            errors.Add($"{at}: {value} is not allowed");
        }
    }

    private static bool Has(JsonObject record, string path)
    {
        JsonNode? at = record;
        foreach (string name in path.Split('.'))
        {
            at = (at as JsonObject)?[name];
        }

        return at is not null;
    }

    private static string[] Texts(JsonNode? node) => node is JsonArray array ? [.. array.Select(n => n!.GetValue<string>())] : [];

    private sealed record Field(string Type, bool IsArray, HashSet<string> Allowed, bool Required);
}
