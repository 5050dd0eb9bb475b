using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Muniment.Events.Tests.Formats.Ocsf;

/// <summary>Judges one record by a compiled schema: unknown and deprecated attributes, requirements, constraints, types, enumerations and their siblings, profiles, class arithmetic.</summary>
internal sealed class OcsfValidator(OcsfSchema schema)
{
    private static readonly Dictionary<string, Regex> s_patterns = [];
    private readonly List<string> _errors = [];

    /// <summary>Recommended attributes that were missing, over all records.</summary>
    public SortedDictionary<string, int> Missing { get; } = [];

    public IReadOnlyList<string> Judge(JsonObject record)
    {
        _errors.Clear();
        if (record["class_uid"] is not JsonValue uid || !uid.TryGetValue(out int classUid) || !schema.Classes.TryGetValue(classUid, out (int Category, OcsfShape Shape) @class))
        {
            return [$"class_uid {record["class_uid"]} is none"];
        }

        HashSet<string> profiles = [.. record["metadata"]?["profiles"]?.AsArray().Select(p => p!.GetValue<string>()) ?? []];
        foreach (string profile in profiles.Where(p => !@class.Shape.Profiles.Contains(p)))
        {
            _errors.Add($"profile {profile} is not allowed on {@class.Shape.Name}");
        }

        Check(record, @class.Shape, profiles, "");
        Equal(record, "category_uid", @class.Category);
        Equal(record, "type_uid", (classUid * 100L) + (record["activity_id"]?.GetValue<long>() ?? -1));
        if (record["metadata"]?["version"]?.GetValue<string>() != schema.Version)
        {
            _errors.Add("metadata.version is not " + schema.Version);
        }

        return [.. _errors];
    }

    private void Equal(JsonObject record, string name, long expected)
    {
        if (record[name] is not JsonValue value || !value.TryGetValue(out long found) || found != expected)
        {
            _errors.Add($"{name}: expected {expected}, found {record[name]}");
        }
    }

    private void Check(JsonObject value, OcsfShape shape, HashSet<string> profiles, string path)
    {
        bool Active(OcsfAttribute a) => a.Profile is null || profiles.Contains(a.Profile);
        foreach ((string name, JsonNode? member) in value)
        {
            string at = path + name;
            if (!shape.Attributes.TryGetValue(name, out OcsfAttribute? attribute) || !Active(attribute))
            {
                _errors.Add($"{at}: {shape.Name} has no such attribute" + (attribute is null ? "" : $" without profile {attribute.Profile}"));
                continue;
            }

            if (attribute.IsDeprecated)
            {
                _errors.Add($"{at}: deprecated");
            }

            if (attribute.IsArray)
            {
                if (member is JsonArray array)
                {
                    for (int i = 0; i < array.Count; i++)
                    {
                        CheckOne(array[i], attribute, profiles, $"{at}[{i}]");
                    }
                }
                else
                {
                    _errors.Add($"{at}: not an array");
                }
            }
            else
            {
                CheckOne(member, attribute, profiles, at);
            }

            CheckWords(value, member, shape, attribute, at);
        }

        foreach (OcsfAttribute attribute in shape.Attributes.Values.Where(a => Active(a) && !value.ContainsKey(a.Name)))
        {
            if (attribute.Requirement == "required")
            {
                _errors.Add($"{path}{attribute.Name}: required by {shape.Name}");
            }
            else if (attribute.Requirement == "recommended")
            {
                string key = $"{shape.Name}.{attribute.Name}";
                Missing[key] = Missing.GetValueOrDefault(key) + 1;
            }
        }

        foreach ((string kind, string[] names) in shape.Constraints)
        {
            int there = names.Count(value.ContainsKey);
            if (kind == "at_least_one" ? there == 0 : there != 1)
            {
                _errors.Add($"{path}: {kind} of {string.Join(", ", names)}; {there} are there");
            }
        }
    }

    private void CheckWords(JsonObject value, JsonNode? member, OcsfShape shape, OcsfAttribute attribute, string at)
    {
        if (attribute.Words is null || member is null || attribute.Name is "class_uid" or "category_uid") // those two are set by each class and checked as numbers
        {
            return;
        }

        foreach (JsonNode? one in member is JsonArray array ? array : new JsonArray(member.DeepClone()))
        {
            string key = one!.ToString();
            if (shape.Name == "observable" && attribute.Name == "type_id" ? !schema.Observables.Contains(key) : !attribute.Words.ContainsKey(key))
            {
                _errors.Add($"{at}: {key} is none of its values");
                continue;
            }

            string? sibling = attribute.Sibling is null ? null : value[attribute.Sibling]?.ToString();
            if (key == "99" && member is not JsonArray && attribute.Sibling is not null && string.IsNullOrEmpty(sibling))
            {
                _errors.Add($"{at}: 99 needs {attribute.Sibling}");
            }
            else if (key != "99" && sibling is not null && attribute.Words.TryGetValue(key, out string? caption) && caption != sibling)
            {
                _errors.Add($"{attribute.Sibling}: {sibling} beside {attribute.Name} {key}, which is {caption}");
            }
        }
    }

    private void CheckOne(JsonNode? value, OcsfAttribute attribute, HashSet<string> profiles, string at)
    {
        if (value is null)
        {
            _errors.Add($"{at}: null");
            return;
        }

        if (schema.Types[attribute.Type] is not JsonObject type)
        {
            if (value is not JsonObject inner)
            {
                _errors.Add($"{at}: expected an object {attribute.Type}");
            }
            else if (attribute.Type != "object")
            {
                Check(inner, schema.Object(attribute.Type), profiles, at + ".");
            }

            return;
        }

        string basic = type["type"]?.GetValue<string>() ?? attribute.Type;
        JsonValueKind kind = value.GetValueKind();
        bool right = basic switch
        {
            "boolean_t" => kind is JsonValueKind.True or JsonValueKind.False,
            "integer_t" => kind == JsonValueKind.Number && value.AsValue().TryGetValue(out int _),
            "long_t" => kind == JsonValueKind.Number && value.AsValue().TryGetValue(out long _),
            "float_t" => kind == JsonValueKind.Number,
            "json_t" => true,
            _ => kind == JsonValueKind.String,
        };
        if (!right)
        {
            _errors.Add($"{at}: {value.ToJsonString()} is no {attribute.Type}");
        }
        else if (basic == "string_t")
        {
            CheckText(value.GetValue<string>(), attribute.Type, type, at);
        }
    }

    private void CheckText(string text, string typeName, JsonObject type, string at)
    {
        if (text.Length == 0)
        {
            _errors.Add($"{at}: empty");
        }

        if (type["max_len"] is { } longest && text.Length > longest.GetValue<int>())
        {
            _errors.Add($"{at}: longer than {longest}");
        }

        if (type["regex"] is { } pattern)
        {
            lock (s_patterns)
            {
                if (!s_patterns.TryGetValue(typeName, out Regex? regex))
                {
                    s_patterns[typeName] = regex = new Regex(pattern.GetValue<string>(), RegexOptions.None, TimeSpan.FromSeconds(2));
                }

                if (!regex.IsMatch(text))
                {
                    _errors.Add($"{at}: {text} is no {typeName}");
                }
            }
        }
    }
}
