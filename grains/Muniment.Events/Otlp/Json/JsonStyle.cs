namespace Muniment.Events.Otlp.Json;

/// <summary>How protobuf becomes JSON.</summary>
internal enum JsonStyle : byte
{
    /// <summary>OTLP/JSON as on the wire: every 64-bit integer is a string, attributes are lists of key and value.</summary>
    Otlp,

    /// <summary>For people and rules, as in <c>details</c>: the names of the .proto files, attributes are objects, values are plain, integers are numbers; only times stay strings.</summary>
    Plain,
}
