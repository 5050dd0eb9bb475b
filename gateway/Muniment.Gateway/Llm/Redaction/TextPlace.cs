using Muniment.Gateway.Llm.Json;

namespace Muniment.Gateway.Llm.Redaction;

/// <summary>Where a text stands; its pointer is only made when something was found there.</summary>
internal readonly struct TextPlace
{
    private readonly string? _pointer;
    private readonly JsonTape? _tape;
    private readonly int _node;

    public TextPlace(string pointer) => _pointer = pointer;

    public TextPlace(JsonTape tape, int node, string prefix = "")
    {
        _tape = tape;
        _node = node;
        _pointer = prefix;
    }

    /// <summary>The JSON pointer.</summary>
    public string Pointer => _tape is null ? _pointer! : _pointer + _tape.Pointer(_node);
}
