namespace Muniment.Events.Tests.Canonical;

/// <summary>Random canonical events as text: object and flat form, members in any order, escapes in names and values, nulls, unknown members, and some of each that are wrong.</summary>
internal static class AnyJson
{
    public static string Event(Random random) => Object(
        random,
        1,
        ("actor", 60, () => random.Next(3) == 0 ? Flat(random) : Object(random, 3, ("id", 60, () => Text(random)), ("type", 2, () => Word(random, "user", "agent", "user")), ("user", 2, () => Text(random)))),
        ("action", 80, () => "\"a.b\""),
        ("result", 80, () => Word(random, "denied", "success", "info")),
        ("ts", 2, () => random.Next(8) switch { 0 => "null", 1 => "\"2031-01-01T00:00:00Z\"", _ => "\"2026-11-21T10:00:00.5Z\"" }),
        ("risk", 2, () => Word(random, "low", "high", "critical")),
        ("agent", 2, () => Object(random, 2, ("kind", 3, () => Text(random)), ("version", 2, () => "\"1\""))),
        ("trace", 9, () => random.Next(9) == 0 ? Text(random) : Object(random, 4, ("session", 5, () => Text(random)), ("turn", 2, () => Text(random)))),
        ("resource", 2, () => Object(random, 2, ("project", 3, () => Text(random)), ("repo", 2, () => Text(random)))),
        ("tool", 2, () => Object(random, 3, ("name", 3, () => Text(random)), ("call", 2, () => Text(random)), ("success", 2, () => "true"))),
        ("usage", 2, () => Object(random, 3, ("input", 2, () => Number(random)), ("cache_read", 2, () => Number(random)), ("cache_write", 2, () => Number(random)), ("output", 2, () => Number(random)), ("reasoning", 2, () => Number(random)), ("cost", 2, () => Cost(random)))),
        ("details", 2, () => Object(random, 3, ("attributes", 2, () => Sequences(random)), ("attributes.event.sequence", 9, () => Number(random)), ("claimed", 9, () => "1"), ("x", 2, () => "[1,{\"attributes\":2}]"))),
        ("attributes", 9, () => Sequences(random)),
        ("source", 9, () => "{}"),
        ("seq", 9, () => "3"),
        ("stream", 9, () => "\"activity\""));

    /// <summary>An object that has each member but for one time in <c>rarity</c> (or, for small numbers, that often at all), in any order.</summary>
    private static string Object(Random random, int strays, params (string Name, int Rarity, Func<string> Value)[] members)
    {
        if (random.Next(60) == 0)
        {
            return random.Next(12) == 0 ? "7" : "null";
        }

        var written = new List<string>();
        foreach ((string name, int rarity, Func<string> value) in members)
        {
            bool there = rarity >= 60 ? random.Next(rarity) != 0 : rarity >= 9 && name is not "trace" ? random.Next(rarity) == 0 : random.Next(rarity) != 0;
            if (there)
            {
                written.Add($"{Name(random, name)}{Blank(random)}:{Blank(random)}{value()}");
            }
        }

        if (random.Next(12) < strays)
        {
            written.Add($"\"stray{random.Next(3)}\":{{\"session\":\"no\"}}");
        }

        string[] order = [.. written];
        random.Shuffle(order);
        return "{" + Blank(random) + string.Join($"{Blank(random)},{Blank(random)}", order) + Blank(random) + "}";
    }

    private static string Name(Random random, string name) => random.Next(150) == 0 ? $"\"\\u{(int)name[0]:x4}{name[1..]}\"" : $"\"{name}\"";

    private static string Blank(Random random) => random.Next(12) switch { 0 => " ", 1 => "\n\t", _ => "" };

    private static string Text(Random random) => random.Next(40) switch
    {
        0 => "null",
        1 => "\"\"",
        2 => "\"J\\u00f6rg\"",
        3 => "\"Jörg\"",
        4 => "\"\\ud83d\\ude00\"",
        5 => "\"a\\nb\"",
        6 when random.Next(6) == 0 => "\"\\ud83d\"",
        7 when random.Next(6) == 0 => "5",
        8 => $"\"{new string('x', 90)}\"",
        _ => $"\"v{random.Next(4)}\"",
    };

    private static string Flat(Random random) => random.Next(8) switch
    {
        0 => "\"bot\"",
        1 => "\"user:\"",
        2 => "\"use\\u0072:j\"",
        3 => "\"key:k\"",
        4 => "\":x\"",
        5 => "\"user:a:b\"",
        _ => "\"user:j@acme.com\"",
    };

    private static string Word(Random random, params string[] words) => random.Next(150) switch { 0 => "\"other\"", 1 => "null", _ => $"\"{words[random.Next(words.Length)]}\"" };

    private static string Number(Random random) => random.Next(60) switch { 0 => "null", 1 => "-1", 2 => "1.5", 3 => "9223372036854775807", 4 => "1e2", _ => $"{random.Next(9)}" };

    private static string Cost(Random random) => Object(
        random,
        1,
        ("amount", 80, () => random.Next(8) switch { 0 => "1e-3", 1 => "2E2", 2 => "\"0.0100\"", 3 => "null", 4 => "12345678901234567890", 5 => "\"0.12345678901234567890123456789012\"", _ => "0.25" }),
        ("unit", 2, () => Text(random)),
        ("source", 2, () => Word(random, "reported", "computed")));

    /// <summary>Forms in which <c>event.sequence</c> may stand, or seem to.</summary>
    private static string Sequences(Random random) => random.Next(9) switch
    {
        0 => """{"event.sequence":5}""",
        1 => """{"event":{"sequence":6}}""",
        2 => """{"event":[{"sequence":7}]}""",
        3 => """{"event.sequence":8,"event":{"sequence":9}}""",
        4 => """{"event.sequence":[10]}""",
        5 => """{"event.sequence":"11"}""",
        6 => """{"event.sequence":1.5}""",
        7 => """[{"event.\u0073equence":12}]""",
        _ => """{"event.sequences":13}""",
    };
}
