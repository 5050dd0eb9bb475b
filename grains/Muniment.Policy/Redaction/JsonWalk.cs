using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Muniment.Policy.Detectors.Scanning;

namespace Muniment.Policy.Redaction;

/// <summary>One pass over a JSON document that copies it, but for the strings that are replaced. Owned by one redaction.</summary>
internal ref struct JsonWalk(ReadOnlySpan<byte> json, RedactionTally tally, int nesting, string root)
{
    private const int ContextMax = 100;

    private readonly ReadOnlySpan<byte> _json = json;
    private readonly string _root = root;
    private char[] _scratch = [];
    private int _used;
    private int _copied;
    private ArrayBufferWriter<byte>? _output;

    public Utf8JsonReader Reader = new(json, new JsonReaderOptions { MaxDepth = JsonPath.MaxDepth });

    public readonly RedactionTally Tally = tally;

    public readonly int Nesting = nesting;

    public readonly JsonPath Path = new();

    public readonly HitList Hits = new();

    /// <summary>Where the reader stands. Names are told redacted.</summary>
    public readonly string Pointer => _root + Path.Pointer(new TextRedactor(Tally.Counts.Set).Plain);

    /// <summary>Puts the name of the value before it and gives how long that is.</summary>
    public int Context(string sign)
    {
        ReadOnlySpan<char> name = Path.Name;
        name = name[^Math.Min(name.Length, ContextMax)..];
        if (name.IsEmpty)
        {
            return 0;
        }

        Reserve(name.Length + sign.Length);
        name.CopyTo(_scratch);
        sign.CopyTo(_scratch.AsSpan(name.Length));
        return _used = name.Length + sign.Length;
    }

    /// <summary>The string that was read, decoded, after its context if there is one.</summary>
    public ReadOnlySpan<char> Decode()
    {
        Reserve(Reader.ValueSpan.Length);
        int length;
        try
        {
            length = Reader.CopyString(_scratch.AsSpan(_used));
        }
        catch (InvalidOperationException)
        {
            length = Leniently(Reader.ValueSpan, _scratch.AsSpan(_used)); // half a surrogate pair, or bytes that are no UTF-8
        }

        return Taken(length);
    }

    /// <summary>Digits, after their context.</summary>
    public ReadOnlySpan<char> Append(ReadOnlySpan<byte> ascii)
    {
        Reserve(ascii.Length);
        return Taken(Encoding.ASCII.GetChars(ascii, _scratch.AsSpan(_used)));
    }

    /// <summary>Takes note of what was found in the last string.</summary>
    public readonly void Note()
    {
        if (Hits.Replaced.Length > 0 || Hits.Failed != 0)
        {
            Tally.Note(Pointer, Hits);
        }
    }

    /// <summary>Writes another string in the place of the token that was read.</summary>
    public void Replace(string text, bool isName = false)
    {
        _output ??= new ArrayBufferWriter<byte>(_json.Length + 64);
        int start = (int)Reader.TokenStartIndex;
        _output.Write(_json[_copied..start]);
        _output.Write("\""u8);
        _output.Write(JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes);
        _output.Write("\""u8);
        int quotes = Reader.TokenType == JsonTokenType.Number ? 0 : 2;
        _copied = start + Reader.ValueSpan.Length + quotes;
    }

    /// <summary>The document as it is now, or null when nothing was replaced.</summary>
    public readonly byte[]? Finish()
    {
        if (_output is null)
        {
            return null;
        }

        _output.Write(_json[_copied..]);
        return _output.WrittenSpan.ToArray();
    }

    public void Dispose()
    {
        if (_scratch.Length > 0)
        {
            ArrayPool<char>.Shared.Return(_scratch, clearArray: false);
            _scratch = [];
        }
    }

    private ReadOnlySpan<char> Taken(int length)
    {
        ReadOnlySpan<char> all = _scratch.AsSpan(0, _used + length);
        _used = 0;
        return all;
    }

    private void Reserve(int more)
    {
        if (_scratch.Length >= _used + more)
        {
            return;
        }

        char[] larger = ArrayPool<char>.Shared.Rent(Math.Max(1024, _used + more));
        _scratch.AsSpan(0, _used).CopyTo(larger);
        Dispose();
        _scratch = larger;
    }

    /// <summary>Decodes the bytes of a string whatever they are; gives how many characters it has.</summary>
    internal static int Leniently(ReadOnlySpan<byte> escaped, Span<char> target)
    {
        string text = Encoding.UTF8.GetString(escaped);
        int length = 0;
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (c == '\\' && i + 1 < text.Length)
            {
                c = text[++i] switch { 'n' => '\n', 't' => '\t', 'r' => '\r', 'b' => '\b', 'f' => '\f', 'u' => (char)ushort.Parse(text.AsSpan(i + 1, 4), NumberStyles.HexNumber, CultureInfo.InvariantCulture), char other => other };
                i += text[i] == 'u' ? 4 : 0;
            }

            target[length++] = c;
        }

        for (int i = 0; i < length; i++)
        {
            bool pair = char.IsHighSurrogate(target[i]) && i + 1 < length && char.IsLowSurrogate(target[i + 1]);
            target[i] = pair || !char.IsSurrogate(target[i]) ? target[i] : '\uFFFD';
            i += pair ? 1 : 0;
        }

        return length;
    }
}
