using System.Text.Json;
using Muniment.Events.Otlp.Wire;

namespace Muniment.Events.Otlp.Schema;

/// <summary>One field of an OTLP message.</summary>
internal sealed class FieldSchema(int number, string name, FieldKind kind, bool repeated, int oneOf, bool presence, Func<MessageSchema>? message)
{
    private MessageSchema? _message;

    public int Number => number;

    /// <summary>Its name in the .proto file.</summary>
    public string Name => name;

    /// <summary>Its name in JSON, lower camel case.</summary>
    public string JsonName { get; } = Camel(name);

    public JsonEncodedText NameText { get; } = JsonEncodedText.Encode(name);

    public JsonEncodedText JsonText { get; } = JsonEncodedText.Encode(Camel(name));

    public byte[] JsonUtf8 { get; } = System.Text.Encoding.UTF8.GetBytes(Camel(name));

    public FieldKind Kind => kind;

    public bool Repeated => repeated;

    /// <summary>Number of the oneof that it belongs to within its message; 0 for none.</summary>
    public int OneOf => oneOf;

    /// <summary>A zero means something else than absence.</summary>
    public bool HasPresence => presence || oneOf != 0 || repeated || kind == FieldKind.Message;

    /// <summary>Position in its message's <see cref="MessageSchema.Fields"/>.</summary>
    public int Index { get; set; }

    /// <summary>The type of a nested message.</summary>
    public MessageSchema Message => _message ??= message!();

    /// <summary>Wire type of one value.</summary>
    public int WireType => kind switch
    {
        FieldKind.String or FieldKind.Bytes or FieldKind.Id or FieldKind.Message => ProtoCursor.Len,
        FieldKind.Fixed32 => ProtoCursor.Fixed32,
        FieldKind.Fixed64 or FieldKind.SFixed64 or FieldKind.Time or FieldKind.Double => ProtoCursor.Fixed64,
        _ => ProtoCursor.Varint,
    };

    /// <summary>Repeated scalars may come packed or not; both are read.</summary>
    public bool MayBePacked => repeated && WireType != ProtoCursor.Len;

    private static string Camel(string snake)
    {
        Span<char> camel = stackalloc char[snake.Length];
        int length = 0;
        for (int i = 0; i < snake.Length; i++)
        {
            camel[length++] = snake[i] == '_' ? char.ToUpperInvariant(snake[++i]) : snake[i];
        }

        return camel[..length].ToString();
    }
}
