using System.Buffers;
using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Muniment.Gateway.Llm.Json;

/// <summary>
/// A flat table of the values of one JSON document, in document order, with the range of bytes of each, so that a single string can be replaced and every other byte stays.
/// Reused from document to document; allocates only while it grows. Not thread-safe.
/// </summary>
internal sealed class JsonTape
{
    /// <summary>Deepest nesting.</summary>
    public const int MaxDepth = 128;

    /// <summary>Most values of one document.</summary>
    public const int MaxNodes = 1_000_000;

    private const int UsualPointerChars = 128;

    // Members of an object are compared pairwise up to here, with a set above.
    private const int PairwiseMembers = 24;

    // Numbers below this length are no card, phone or account number; in arrays (token ids, embeddings) they take no node.
    private const int ShortNumberBytes = 9;

    private static readonly SearchValues<byte> SmallLetters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789_"u8);

    // Calls in flight have one or two each; larger ones, and what a burst needed beyond this, are not kept.
    private const int MostFree = 64;
    private const int MostKeptNodes = 4096;

    private static readonly ConcurrentQueue<JsonTape> Free = new();

    private readonly int[] _open = new int[MaxDepth + 1];
    private readonly int[] _count = new int[MaxDepth + 1];
    private JsonNode[] _nodes = new JsonNode[64];

    /// <summary>The document, as given to <see cref="Read"/>. Its bytes must not change while the tape is used.</summary>
    public ReadOnlyMemory<byte> Document { get; private set; }

    /// <summary>Number of nodes; node 0 is the root.</summary>
    public int Count { get; private set; }

    /// <summary>One node.</summary>
    public ref readonly JsonNode this[int node] => ref _nodes[node];

    /// <summary>One that was used before, or a new one.</summary>
    public static JsonTape Take() => Free.TryDequeue(out JsonTape? tape) ? tape : new JsonTape();

    /// <summary>For <see cref="Take"/> again. Nobody may use it or its nodes any more.</summary>
    public void GiveBack()
    {
        Document = default;
        Count = 0;
        if (_nodes.Length <= MostKeptNodes && Free.Count < MostFree)
        {
            Free.Enqueue(this);
        }
    }

    /// <summary>Reads a whole document.</summary>
    /// <param name="document">The bytes.</param>
    /// <param name="refuseRepeated">Whether a member named twice in one object is a fault.</param>
    public JsonFault Read(ReadOnlyMemory<byte> document, bool refuseRepeated = false)
    {
        Document = document;
        Count = 0;
        if (!Utf8.IsValid(document.Span))
        {
            return JsonFault.NotUtf8;
        }

        try
        {
            JsonFault fault = Fill(document.Span);
            return fault is JsonFault.None && refuseRepeated && FindRepeated() >= 0 ? JsonFault.Repeated : fault;
        }
        catch (JsonException)
        {
            Count = 0;
            return JsonFault.Malformed;
        }
    }

    /// <summary>A member of an object by its decoded name, the last one where there are several; -1 when there is none.</summary>
    public int Member(int node, ReadOnlySpan<byte> name)
    {
        int found = -1;
        if (node >= 0 && _nodes[node].Kind is JsonKind.Object)
        {
            for (int child = node + 1; child < _nodes[node].Next; child = _nodes[child].Next)
            {
                if (IsNamed(child, name))
                {
                    found = child;
                }
            }
        }

        return found;
    }

    /// <summary>First child, or -1.</summary>
    public int FirstChild(int node) => node >= 0 && _nodes[node].Next > node + 1 ? node + 1 : -1;

    /// <summary>Next sibling, or -1.</summary>
    public int NextSibling(int node)
    {
        int next = _nodes[node].Next;
        int parent = _nodes[node].Parent;
        return parent >= 0 && next < _nodes[parent].Next ? next : -1;
    }

    /// <summary>Whether the node is a member of this decoded name.</summary>
    public bool IsNamed(int node, ReadOnlySpan<byte> name)
    {
        ref readonly JsonNode n = ref _nodes[node];
        if (!n.NameEscaped)
        {
            return Document.Span.Slice(n.NameStart, n.NameLength).SequenceEqual(name);
        }

        return Encoding.UTF8.GetBytes(JsonStrings.Decode(Document.Span.Slice(n.NameStart, n.NameLength), escaped: true)).AsSpan().SequenceEqual(name);
    }

    /// <summary>Whether the node is a string of exactly these decoded bytes.</summary>
    public bool IsText(int node, ReadOnlySpan<byte> value)
    {
        if (node < 0 || _nodes[node].Kind is not JsonKind.String)
        {
            return false;
        }

        return _nodes[node].Escaped ? Encoding.UTF8.GetBytes(Text(node)).AsSpan().SequenceEqual(value) : RawText(node).SequenceEqual(value);
    }

    /// <summary>The bytes of a value as written, with a string's quotes.</summary>
    public ReadOnlySpan<byte> Raw(int node) => Document.Span[_nodes[node].Start.._nodes[node].End];

    /// <summary>A string's bytes as written, without quotes.</summary>
    public ReadOnlySpan<byte> RawText(int node) => Document.Span[(_nodes[node].Start + 1)..(_nodes[node].End - 1)];

    /// <summary>A string, decoded; half surrogate pairs stay as they are.</summary>
    public string Text(int node) => JsonStrings.Decode(RawText(node), _nodes[node].Escaped);

    /// <summary>The member as a string, or null when it is absent or something else.</summary>
    public string? TextOf(int node, ReadOnlySpan<byte> name) => Member(node, name) is >= 0 and int found && _nodes[found].Kind is JsonKind.String ? Text(found) : null;

    /// <summary>A member's name, decoded.</summary>
    public string Name(int node) => JsonStrings.Decode(Document.Span.Slice(_nodes[node].NameStart, _nodes[node].NameLength), _nodes[node].NameEscaped);

    /// <summary>Whether the value is <c>true</c>.</summary>
    public bool IsTrue(int node) => node >= 0 && _nodes[node].Kind is JsonKind.Literal && Document.Span[_nodes[node].Start] == (byte)'t';

    /// <summary>Whether the value is absent or <c>null</c>.</summary>
    public bool IsNull(int node) => node < 0 || (_nodes[node].Kind is JsonKind.Literal && Document.Span[_nodes[node].Start] == (byte)'n');

    /// <summary>A whole number from 0; -1 when it is anything else.</summary>
    public long Number(int node) => node >= 0 && _nodes[node].Kind is JsonKind.Number
        && System.Buffers.Text.Utf8Parser.TryParse(Raw(node), out long value, out int used) && used == Raw(node).Length && value >= 0 ? value : -1;

    /// <summary>JSON pointer (RFC 6901) of a node.</summary>
    public string Pointer(int node)
    {
        Span<char> text = stackalloc char[UsualPointerChars];
        if (TryWritePointer(node, text, out int length))
        {
            return text[..length].ToString();
        }

        var pointer = new StringBuilder(2 * UsualPointerChars);
        AppendPointer(pointer, node);
        return pointer.ToString();
    }

    // Short pointers of plain names, which nearly all are.
    private bool TryWritePointer(int node, Span<char> text, out int length)
    {
        length = 0;
        int parent = _nodes[node].Parent;
        if (parent < 0)
        {
            return true;
        }

        if (!TryWritePointer(parent, text, out length) || length == text.Length)
        {
            return false;
        }

        ref readonly JsonNode n = ref _nodes[node];
        text[length++] = '/';
        int written;
        if (_nodes[parent].Kind is JsonKind.Array)
        {
            if (!n.Index.TryFormat(text[length..], out written, default, CultureInfo.InvariantCulture))
            {
                return false;
            }

            length += written;
            return true;
        }

        ReadOnlySpan<byte> name = Document.Span.Slice(n.NameStart, n.NameLength);
        if (n.NameEscaped || name.IndexOfAny((byte)'~', (byte)'/') >= 0 || !Encoding.UTF8.TryGetChars(name, text[length..], out written))
        {
            return false;
        }

        length += written;
        return true;
    }

    private void AppendPointer(StringBuilder pointer, int node)
    {
        int parent = _nodes[node].Parent;
        if (parent < 0)
        {
            return;
        }

        AppendPointer(pointer, parent);
        pointer.Append('/');
        if (_nodes[parent].Kind is JsonKind.Array)
        {
            pointer.Append(_nodes[node].Index);
        }
        else
        {
            pointer.Append(Name(node).Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal));
        }
    }

    private JsonFault Fill(ReadOnlySpan<byte> document)
    {
        var reader = new Utf8JsonReader(document, new JsonReaderOptions { MaxDepth = MaxDepth });
        int depth = 0;
        int nameStart = 0;
        int nameLength = 0;
        bool nameEscaped = false;
        _open[0] = -1;
        while (reader.Read())
        {
            JsonKind kind;
            switch (reader.TokenType)
            {
                case JsonTokenType.PropertyName:
                    nameStart = (int)reader.TokenStartIndex + 1;
                    nameLength = reader.ValueSpan.Length;
                    nameEscaped = reader.ValueIsEscaped;
                    continue;
                case JsonTokenType.EndObject or JsonTokenType.EndArray:
                    int closed = _open[depth--];
                    _nodes[closed].End = (int)reader.TokenStartIndex + 1;
                    _nodes[closed].Next = Count;
                    continue;
                case JsonTokenType.StartObject:
                    kind = JsonKind.Object;
                    break;
                case JsonTokenType.StartArray:
                    kind = JsonKind.Array;
                    break;
                case JsonTokenType.String:
                    kind = JsonKind.String;
                    break;
                case JsonTokenType.Number:
                    kind = JsonKind.Number;
                    if ((reader.ValueSpan.Length < ShortNumberBytes || reader.ValueSpan.Contains((byte)'.')) && depth > 0 && _nodes[_open[depth]].Kind is JsonKind.Array)
                    {
                        _count[depth]++;
                        continue;
                    }

                    break;
                default:
                    kind = JsonKind.Literal;
                    break;
            }

            if (Count == MaxNodes)
            {
                return JsonFault.TooMany;
            }

            if (Count == _nodes.Length)
            {
                Array.Resize(ref _nodes, _nodes.Length * 2);
            }

            ref JsonNode node = ref _nodes[Count];
            node.Parent = _open[depth];
            node.NameStart = nameStart;
            node.NameLength = nameLength;
            node.NameEscaped = nameEscaped;
            node.Index = _count[depth]++;
            node.Start = (int)reader.TokenStartIndex;
            node.End = (int)reader.BytesConsumed;
            node.Kind = kind;
            node.Escaped = kind is JsonKind.String && reader.ValueIsEscaped;
            node.Next = Count + 1;
            if (kind is JsonKind.Object or JsonKind.Array)
            {
                _open[++depth] = Count;
                _count[depth] = 0;
            }

            Count++;
            (nameStart, nameLength, nameEscaped) = (0, 0, false);
        }

        return JsonFault.None;
    }

    /// <summary>Whether an object has a member whose name is one of these but for case, as readers that take no notice of it compare (Go's also takes the Kelvin sign and the long s for letters).</summary>
    public bool HasInOtherCase(int node, IReadOnlySet<string> names)
    {
        for (int child = FirstChild(node); child >= 0 && _nodes[node].Kind is JsonKind.Object; child = NextSibling(child))
        {
            ReadOnlySpan<byte> written = Document.Span.Slice(_nodes[child].NameStart, _nodes[child].NameLength);
            if (!_nodes[child].NameEscaped && written.IndexOfAnyExcept(SmallLetters) < 0)
            {
                continue;
            }

            string name = Name(child);
            string small = name.Replace('\u017F', 's').Replace('\u212A', 'k').ToLowerInvariant();
            if (small != name && names.Contains(small))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The second of two members of one name in one object; -1 when there is none.</summary>
    public int FindRepeated()
    {
        for (int node = 0; node < Count; node++)
        {
            if (_nodes[node].Kind is JsonKind.Object && RepeatedIn(node) is >= 0 and int found)
            {
                return found;
            }
        }

        return -1;
    }

    private int RepeatedIn(int parent)
    {
        int members = 0;
        bool escaped = false;
        for (int child = FirstChild(parent); child >= 0; child = NextSibling(child))
        {
            members++;
            escaped |= _nodes[child].NameEscaped;
        }

        if (members > PairwiseMembers || escaped)
        {
            var names = new HashSet<string>(members, StringComparer.Ordinal);
            for (int child = FirstChild(parent); child >= 0; child = NextSibling(child))
            {
                if (!names.Add(Name(child)))
                {
                    return child;
                }
            }

            return -1;
        }

        ReadOnlySpan<byte> document = Document.Span;
        for (int child = FirstChild(parent); child >= 0; child = NextSibling(child))
        {
            ReadOnlySpan<byte> name = document.Slice(_nodes[child].NameStart, _nodes[child].NameLength);
            for (int earlier = parent + 1; earlier < child; earlier = _nodes[earlier].Next)
            {
                if (_nodes[earlier].NameLength == name.Length && document.Slice(_nodes[earlier].NameStart, name.Length).SequenceEqual(name))
                {
                    return child;
                }
            }
        }

        return -1;
    }
}
