namespace Muniment.Architecture.Tests.Layers;

/// <summary>The table "Rooms" of the architecture: what each project may use of the others.</summary>
internal static class Rooms
{
    public static readonly IReadOnlyDictionary<string, string[]> MayUse = new Dictionary<string, string[]>
    {
        ["Muniment.Events"] = [],
        ["Muniment.Policy"] = ["Muniment.Events"],
        ["Muniment.Trust"] = ["Muniment.Events"],
        ["Muniment.Messages"] = ["Muniment.Events"],
        ["Muniment.Grains"] = ["Muniment.Messages", "Muniment.Events", "Muniment.Policy", "Muniment.Trust", "Muniment.Journal", "Muniment.Delivery"],
        ["Muniment.Journal"] = ["Muniment.Events", "Muniment.Trust"],
        ["Muniment.Delivery"] = ["Muniment.Events", "Muniment.Egress"],
        ["Muniment.Egress"] = [],
        ["Muniment.Silo"] =
        [
            "Muniment.Events", "Muniment.Policy", "Muniment.Trust", "Muniment.Messages", "Muniment.Grains", "Muniment.Journal", "Muniment.Delivery", "Muniment.Egress",
        ],
        ["Orleans.Local"] = [],
        ["Muniment.Gateway"] = ["Muniment.Messages", "Muniment.Events", "Muniment.Policy", "Muniment.Egress", "Muniment.Journal"],
        ["Muniment.Console"] = ["Muniment.Messages"],
        ["Muniment.Host"] = ["Muniment.Gateway", "Muniment.Console", "Muniment.Silo"],
        ["Muniment.Cli"] = ["Muniment.Events", "Muniment.Trust", "Muniment.Policy"],
    };

    /// <summary>
    /// What a room may name although the table does not say so, without a reference of its own in the project file. Each needs a page in docs/decisions.
    /// </summary>
    public static readonly IReadOnlyDictionary<string, string[]> AlsoNames = new Dictionary<string, string[]>
    {
        // The executable reads the settings of storage and hears of its failure: docs/decisions/the-host-names-what-it-composes.md.
        ["Muniment.Host"] = ["Muniment.Journal", "Muniment.Events"],
    };

    /// <summary>Rooms that may use the Orleans API.</summary>
    public static readonly string[] UseOrleans = ["Muniment.Messages", "Muniment.Grains", "Muniment.Silo", "Muniment.Gateway", "Muniment.Host"];

    /// <summary>Bytes in, bytes out.</summary>
    public static readonly string[] Pure = ["Muniment.Events", "Muniment.Policy", "Muniment.Trust"];

    /// <summary>Rooms that know nothing of HTTP servers.</summary>
    public static readonly string[] WithoutWeb = [.. Pure, "Muniment.Messages", "Muniment.Grains", "Muniment.Journal", "Muniment.Delivery", "Muniment.Egress"];

    /// <summary>What the sources and the compiled assembly of a room may name.</summary>
    public static string[] MayName(string room) => [.. MayUse[room], .. AlsoNames.GetValueOrDefault(room, [])];

    /// <summary>The assembly of a room, where it is not named like the project.</summary>
    public static string AssemblyOf(string room) => room switch
    {
        "Muniment.Host" => "muniment-host",
        "Muniment.Cli" => "muniment",
        _ => room,
    };
}
