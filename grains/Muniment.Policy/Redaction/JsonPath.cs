using System.Text;
using System.Text.Json;

namespace Muniment.Policy.Redaction;

/// <summary>Where a reader stands in a JSON document, kept without an allocation a member.</summary>
internal sealed class JsonPath
{
    /// <summary>Deepest nesting that is read.</summary>
    public const int MaxDepth = 128;

    private readonly Frame[] _frames = new Frame[MaxDepth + 1];
    private readonly CharBuffer _names = new();
    private int _depth;

    /// <summary>Name of the member that holds the value, also when the value stands in an array there; empty at the top.</summary>
    public ReadOnlySpan<char> Name
    {
        get
        {
            for (int i = _depth - 1; i >= 0; i--)
            {
                if (!_frames[i].IsArray)
                {
                    return _names.Span[_frames[i].Name..(i + 1 < _depth ? _frames[i + 1].Name : _names.Length)];
                }
            }

            return [];
        }
    }

    /// <summary>A member's name was read.</summary>
    public void Member(ReadOnlySpan<char> name)
    {
        _names.Cut(_frames[_depth - 1].Name);
        _names.Append(name);
    }

    /// <summary>A value was read to its end.</summary>
    public void Next()
    {
        if (_depth > 0 && _frames[_depth - 1].IsArray)
        {
            _frames[_depth - 1].Index++;
        }
    }

    /// <summary>A token other than a name, a string or a number was read.</summary>
    public void Follow(JsonTokenType token)
    {
        if (token is JsonTokenType.StartArray or JsonTokenType.StartObject)
        {
            _frames[_depth++] = new Frame { IsArray = token == JsonTokenType.StartArray, Name = _names.Length };
            return;
        }

        if (token is JsonTokenType.EndArray or JsonTokenType.EndObject)
        {
            _names.Cut(_frames[--_depth].Name);
        }

        Next();
    }

    /// <summary>As a JSON pointer; names are written by <paramref name="write"/>.</summary>
    public string Pointer(Func<string, string> write)
    {
        StringBuilder pointer = new();
        for (int i = 0; i < _depth; i++)
        {
            pointer.Append('/');
            if (_frames[i].IsArray)
            {
                pointer.Append(_frames[i].Index);
            }
            else
            {
                pointer.Append(write(_names.Span[_frames[i].Name..(i + 1 < _depth ? _frames[i + 1].Name : _names.Length)].ToString()).Replace("~", "~0").Replace("/", "~1"));
            }
        }

        return pointer.ToString();
    }

    private struct Frame
    {
        public bool IsArray;
        public int Index;
        public int Name;
    }
}
