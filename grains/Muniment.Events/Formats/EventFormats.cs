using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Muniment.Events.Formats;

/// <summary>The formats that are built, by their names in the outside contract.</summary>
public static class EventFormats
{
    private static readonly FrozenDictionary<string, Func<IEventFormat>> Makers = new Dictionary<string, Func<IEventFormat>>(StringComparer.Ordinal)
    {
        ["canonical"] = static () => new CanonicalFormat(),
        ["flat"] = static () => new FlatFormat(),
        ["ocsf"] = static () => new Ocsf.OcsfFormat(),
        ["ecs"] = static () => new Ecs.EcsFormat(),
        ["udm"] = static () => new Udm.UdmFormat(),
        ["asim"] = static () => new Asim.AsimFormat(),
        ["cim"] = static () => new Cim.CimFormat(),
        ["otlp"] = static () => new OtlpRecordFormat(),
        ["cef"] = static () => new Lines.CefFormat(),
        ["leef"] = static () => new Lines.LeefFormat(),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Formats whose events are JSON objects, the default first: what a kind lists that carries any JSON object.</summary>
    public static ImmutableArray<string> Json { get; } = ["canonical", "flat", "ocsf", "ecs", "udm", "asim", "cim"];

    /// <summary>Formats whose events are lines of text: for kinds that carry text.</summary>
    public static ImmutableArray<string> Text { get; } = ["cef", "leef"];

    /// <summary>A writer of its own for the caller; null when there is no such format.</summary>
    public static IEventFormat? Find(string name) => Makers.TryGetValue(name, out Func<IEventFormat>? make) ? make() : null;

    /// <summary>Writes log records whose body is the text of another format; for OTLP destinations with a format of their own choice.</summary>
    public static IEventFormat OtlpAround(IEventFormat body) => new OtlpRecordFormat(body);
}
