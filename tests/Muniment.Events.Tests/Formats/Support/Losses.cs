using System.Text.Json;
using System.Text.Json.Nodes;
using Muniment.Events.Canonical;
using Muniment.Events.Tests.Canonical;

namespace Muniment.Events.Tests.Formats.Support;

/// <summary>Says which values of the canonical event do not occur in a format's output: each text whole, alone or inside another text; each number; true.</summary>
internal static class Losses
{
    public static void AssertNone(string name, CanonicalEvent e, JsonNode output)
    {
        string[] there = [.. Leaves(output, "").Select(l => l.Value)];
        HashSet<string> exact = [.. there];
        foreach ((string path, string value) in Leaves(Reading.Json(e), ""))
        {
            if (value.Length == 0 || path is ".signal" or ".actor.type" or ".model.provider" or ".risk" && there.Contains(value, StringComparer.OrdinalIgnoreCase) || exact.Contains(value)
                || there.Any(t => t.Contains(value, StringComparison.Ordinal)) || value.StartsWith("sha256:", StringComparison.Ordinal) && there.Any(t => t.Contains(value[7..], StringComparison.Ordinal)))
            {
                continue;
            }

            Assert.Fail($"{name}: {path} = {value} is not in {output.ToJsonString(Reading.Relaxed)}");
        }
    }

    private static IEnumerable<(string Path, string Value)> Leaves(JsonNode? node, string path) => node switch
    {
        JsonObject o => o.SelectMany(m => Leaves(m.Value, path + "." + m.Key)),
        JsonArray a => a.SelectMany((v, i) => Leaves(v, path + "[" + i + "]")),
        null => [],
        _ when node.GetValueKind() == JsonValueKind.String => [(path, node.GetValue<string>()), .. Inside(node.GetValue<string>(), path)],
        _ => [(path, node.ToJsonString())],
    };

    /// <summary>A text that is JSON itself (details as one text) counts with what is in it.</summary>
    private static IEnumerable<(string Path, string Value)> Inside(string text, string path)
    {
        if (!text.StartsWith("{\"", StringComparison.Ordinal))
        {
            return [];
        }

        try
        {
            return [.. Leaves(JsonNode.Parse(text), path)];
        }
        catch (JsonException)
        {
            return [];
        }
    }
}
