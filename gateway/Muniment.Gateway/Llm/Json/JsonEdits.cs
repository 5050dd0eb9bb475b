using System.Buffers;

namespace Muniment.Gateway.Llm.Json;

/// <summary>Replacements of byte ranges of one document. Every byte outside of them stays as it is. Reusable.</summary>
internal sealed class JsonEdits
{
    private ArrayBufferWriter<byte>? _written;
    private readonly List<Edit> _edits = [];

    private ArrayBufferWriter<byte> Text => _written ??= new ArrayBufferWriter<byte>(256);

    /// <summary>Number of edits.</summary>
    public int Count => _edits.Count;

    /// <summary>Forgets all.</summary>
    public void Clear()
    {
        _edits.Clear();
        _written?.ResetWrittenCount();
    }

    /// <summary>Puts bytes in place of a range; a length of 0 inserts.</summary>
    public void Replace(int start, int end, ReadOnlySpan<byte> bytes)
    {
        int from = Text.WrittenCount;
        Text.Write(bytes);
        _edits.Add(new Edit(start, end, from, Text.WrittenCount - from, _edits.Count));
    }

    /// <summary>Puts a JSON string, with quotes, in place of a range.</summary>
    public void ReplaceWithText(int start, int end, ReadOnlySpan<char> text)
    {
        int from = Text.WrittenCount;
        JsonStrings.Encode(text, Text);
        _edits.Add(new Edit(start, end, from, Text.WrittenCount - from, _edits.Count));
    }

    /// <summary>Writes the document with the edits. An edit inside of a range that is replaced as a whole is void.</summary>
    public void Apply(ReadOnlySpan<byte> document, IBufferWriter<byte> output)
    {
        if (_edits.Count > 1)
        {
            _edits.Sort(static (a, b) => a.Start != b.Start ? a.Start.CompareTo(b.Start) : a.Order.CompareTo(b.Order));
        }

        int position = 0;
        foreach (Edit edit in _edits)
        {
            if (edit.Start < position)
            {
                continue;
            }

            output.Write(document[position..edit.Start]);
            output.Write(Text.WrittenSpan.Slice(edit.TextStart, edit.TextLength));
            position = edit.End;
        }

        output.Write(document[position..]);
    }

    /// <summary>The edited document as an array of its own; the same memory when there are no edits.</summary>
    public ReadOnlyMemory<byte> Apply(ReadOnlyMemory<byte> document)
    {
        if (_edits.Count == 0)
        {
            return document;
        }

        var output = new ArrayBufferWriter<byte>(document.Length + Text.WrittenCount);
        Apply(document.Span, output);
        return output.WrittenMemory;
    }

    private readonly record struct Edit(int Start, int End, int TextStart, int TextLength, int Order);
}
