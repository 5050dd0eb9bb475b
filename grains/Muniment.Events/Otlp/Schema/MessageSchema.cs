namespace Muniment.Events.Otlp.Schema;

/// <summary>One OTLP message type. Fields that are not in it are kept in the raw bytes and otherwise ignored.</summary>
internal sealed class MessageSchema
{
    /// <summary>No OTLP message has more known fields; walkers keep this many on the stack.</summary>
    public const int MaxFields = 24;

    private readonly FieldSchema?[] _byNumber;

    public MessageSchema(string name, MessageRole role, params FieldSchema[] fields)
    {
        Name = name;
        Role = role;
        Fields = fields;
        _byNumber = new FieldSchema?[fields.Max(field => field.Number) + 1];
        for (int i = 0; i < fields.Length; i++)
        {
            fields[i].Index = i;
            _byNumber[fields[i].Number] = fields[i];
        }
    }

    public string Name { get; }

    public MessageRole Role { get; }

    public FieldSchema[] Fields { get; }

    public FieldSchema? Find(uint number) => number < (uint)_byNumber.Length ? _byNumber[number] : null;

    /// <summary>The field with this JSON name, given unescaped.</summary>
    public FieldSchema? FindJson(ReadOnlySpan<byte> name)
    {
        foreach (FieldSchema field in Fields)
        {
            if (name.SequenceEqual(field.JsonUtf8))
            {
                return field;
            }
        }

        return null;
    }
}
