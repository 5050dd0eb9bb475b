using System.Text;
using Muniment.Events.Otlp.Schema;

namespace Muniment.Events.Otlp.Json;

/// <summary>Where the transcoder is, as fields and indexes; becomes text only for an error.</summary>
internal sealed class JsonPathStack
{
    private readonly List<(FieldSchema Field, int Index)> _steps = [];

    public void Push(FieldSchema field) => _steps.Add((field, -1));

    public void At(int index) => _steps[^1] = (_steps[^1].Field, index);

    public void Pop() => _steps.RemoveAt(_steps.Count - 1);

    public override string ToString()
    {
        var path = new StringBuilder();
        foreach ((FieldSchema field, int index) in _steps)
        {
            path.Append(path.Length == 0 ? "" : ".").Append(field.JsonName);
            if (index >= 0)
            {
                path.Append('[').Append(index).Append(']');
            }
        }

        return path.ToString();
    }
}
