using System.Text.Json.Nodes;

namespace Muniment.Events.Tests.Formats.Ocsf;

/// <summary>
/// A small compiler of OCSF's source files: resolves <c>extends</c>, <c>$include</c> of profiles, the dictionary's types and enumerations, and constraints. Independent of the
/// product; it knows nothing of the mapping.
/// </summary>
internal sealed class OcsfSchema
{
    private readonly Dictionary<string, string> _files;
    private readonly Dictionary<string, JsonObject> _objects = [];
    private readonly Dictionary<string, JsonObject> _events = [];
    private readonly Dictionary<string, OcsfShape> _shapes = [];
    private readonly JsonObject _dictionary;

    public OcsfSchema(Dictionary<string, string> files)
    {
        _files = files;
        JsonObject dictionary = JsonNode.Parse(files["dictionary.json"])!.AsObject();
        _dictionary = dictionary["attributes"]!.AsObject();
        Types = dictionary["types"]!["attributes"]!.AsObject();
        Version = JsonNode.Parse(files["version.json"])!["version"]!.GetValue<string>();
        JsonObject categories = JsonNode.Parse(files["categories.json"])!["attributes"]!.AsObject();
        foreach ((string path, string text) in files)
        {
            if (path.EndsWith(".json", StringComparison.Ordinal) && (path.StartsWith("objects/", StringComparison.Ordinal) || path.StartsWith("events/", StringComparison.Ordinal)))
            {
                JsonObject source = JsonNode.Parse(text)!.AsObject();
                (path.StartsWith("objects/", StringComparison.Ordinal) ? _objects : _events)[source["name"]!.GetValue<string>()] = source;
            }
        }

        foreach ((string name, JsonObject source) in _events)
        {
            if (source["uid"] is { } uid)
            {
                string category = Inherited(source, "category")!;
                Classes[(categories[category]!["uid"]!.GetValue<int>() * 1000) + uid.GetValue<int>()] = (categories[category]!["uid"]!.GetValue<int>(), Compile(_events, name));
            }
        }

        Classes[0] = (0, Compile(_events, "base_event"));
        Observables = [.. FindObservables()];
    }

    public string Version { get; }

    public JsonObject Types { get; }

    public Dictionary<int, (int Category, OcsfShape Shape)> Classes { get; } = [];

    /// <summary>Every <c>observable</c> number of types, attributes and objects: the enumeration of an observable's <c>type_id</c>.</summary>
    public HashSet<string> Observables { get; }

    public OcsfShape Object(string name)
    {
        if (!_shapes.TryGetValue(name, out OcsfShape? shape))
        {
            _shapes[name] = shape = Compile(_objects, name);
        }

        return shape;
    }

    private string? Inherited(JsonObject source, string member) =>
        source[member]?.GetValue<string>() ?? (source["extends"] is { } parent ? Inherited(_events[parent.GetValue<string>()], member) : null);

    private OcsfShape Compile(Dictionary<string, JsonObject> sources, string name)
    {
        Dictionary<string, JsonObject> attributes = [];
        HashSet<string> profiles = [];
        Dictionary<string, string[]> constraints = [];
        Collect(sources, name, attributes, profiles, constraints);
        return new OcsfShape(name, attributes.ToDictionary(a => a.Key, a => Attribute(a.Key, a.Value)), profiles, constraints);
    }

    private void Collect(Dictionary<string, JsonObject> sources, string name, Dictionary<string, JsonObject> attributes, HashSet<string> profiles, Dictionary<string, string[]> constraints)
    {
        JsonObject source = sources[name];
        if (source["extends"] is { } parent)
        {
            Collect(sources, parent.GetValue<string>(), attributes, profiles, constraints);
        }

        foreach (JsonNode? profile in source["profiles"]?.AsArray() ?? [])
        {
            profiles.Add(profile!.GetValue<string>());
        }

        foreach ((string kind, JsonNode? names) in source["constraints"]?.AsObject() ?? [])
        {
            constraints[kind] = [.. names!.AsArray().Select(n => n!.GetValue<string>())];
        }

        JsonObject own = source["attributes"]?.AsObject() ?? [];
        foreach (JsonNode? include in own["$include"] is JsonArray many ? many : own["$include"] is { } one ? [one.DeepClone()] : new JsonArray())
        {
            JsonObject profile = JsonNode.Parse(_files[include!.GetValue<string>()])!.AsObject();
            foreach ((string attribute, JsonNode? definition) in profile["attributes"]!.AsObject())
            {
                JsonObject tagged = definition!.DeepClone().AsObject();
                tagged["profile"] = profile["name"]!.GetValue<string>();
                Merge(attributes, attribute, tagged);
            }
        }

        foreach ((string attribute, JsonNode? definition) in own)
        {
            if (!attribute.StartsWith('$'))
            {
                Merge(attributes, attribute, definition!.AsObject());
            }
        }
    }

    private static void Merge(Dictionary<string, JsonObject> attributes, string name, JsonObject over)
    {
        JsonObject merged = attributes.TryGetValue(name, out JsonObject? old) ? old.DeepClone().AsObject() : [];
        foreach ((string member, JsonNode? value) in over)
        {
            if (member == "enum" && merged["enum"] is JsonObject inherited)
            {
                foreach ((string key, JsonNode? word) in value!.AsObject())
                {
                    inherited[key] = word?.DeepClone();
                }
            }
            else
            {
                merged[member] = value?.DeepClone();
            }
        }

        attributes[name] = merged;
    }

    private OcsfAttribute Attribute(string name, JsonObject definition)
    {
        JsonObject general = _dictionary[name]!.AsObject();
        Dictionary<string, string>? words = null;
        foreach (JsonNode? from in new[] { general["enum"], definition["enum"] })
        {
            foreach ((string key, JsonNode? word) in from?.AsObject() ?? [])
            {
                (words ??= [])[key] = word?["caption"]?.GetValue<string>() ?? key;
            }
        }

        string type = definition["type"]?.GetValue<string>() ?? general["type"]!.GetValue<string>();
        return new OcsfAttribute(
            name, type, general["is_array"]?.GetValue<bool>() ?? false, definition["requirement"]?.GetValue<string>() ?? "optional", definition["profile"]?.GetValue<string>(), words,
            (definition["sibling"] ?? general["sibling"])?.GetValue<string>(), definition.ContainsKey("@deprecated") || general.ContainsKey("@deprecated"));
    }

    private IEnumerable<string> FindObservables()
    {
        IEnumerable<JsonNode?> places = _dictionary.Select(a => a.Value).Concat(Types.Select(t => t.Value)).Concat(_objects.Values)
            .Concat(_objects.Values.SelectMany(o => o["attributes"]?.AsObject().Where(a => a.Value is JsonObject).Select(a => a.Value) ?? []));
        return places.Select(p => p?["observable"]).Where(o => o is not null).Select(o => o!.ToString()).Concat(["0", "99"]);
    }
}

/// <summary>A class or object with its attributes.</summary>
internal sealed record OcsfShape(string Name, Dictionary<string, OcsfAttribute> Attributes, HashSet<string> Profiles, Dictionary<string, string[]> Constraints);

/// <summary>One attribute in one place.</summary>
internal sealed record OcsfAttribute(string Name, string Type, bool IsArray, string Requirement, string? Profile, Dictionary<string, string>? Words, string? Sibling, bool IsDeprecated);
