using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Muniment.Gateway.Llm.Json;

namespace Muniment.Gateway.Llm.Texts;

/// <summary>
/// Finds every text of a document, whatever its shape: a field that is not known is a text, not a gap. Left out are only short words of the protocol itself (<c>type</c>, <c>role</c>, …) and
/// what no reader here can look into (media, encrypted parts), which is said. Long numbers and member names that are no identifiers are texts too; in arguments and metadata, where the caller
/// makes the names, all names and all values are. One document at a time; reusable.
/// </summary>
internal sealed class TextFinder
{
    /// <summary>Most texts of one document; what is beyond is said to be over the limit.</summary>
    public const int MaxTexts = 100_000;

    private const int LongestPlainNameBytes = 24;
    private const int LongestWordBytes = 64;
    private const int ShortestNumberBytes = 9;
    private const int LongestNumberBytes = 40;

    private static readonly SearchValues<byte> Word = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.:/"u8);
    private static readonly SearchValues<byte> Identifier = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"u8);

    private JsonTape _tape = null!;
    private bool _isRequest;
    private int _free; // inside of how many members whose content the caller makes

    /// <summary>The texts in document order.</summary>
    public List<TextSite> Texts { get; } = [];

    /// <summary>What was not looked into.</summary>
    public List<UnseenPart> Unseen { get; } = [];

    /// <summary>Goes through a document.</summary>
    public void Find(JsonTape tape, TextRole role = TextRole.Other)
    {
        _tape = tape;
        Texts.Clear();
        Unseen.Clear();
        _free = role is TextRole.ToolArguments ? 1 : 0;
        _isRequest = role is TextRole.Other;
        if (tape.Count > 0)
        {
            Visit(0, role, TextRole.Other);
        }
    }

    /// <summary>Why nobody can look into a string; null where it is a text, or holds one. Empty for numbers in base64, which hold nothing to read.</summary>
    public static string? WhyUnseen(JsonTape tape, int node) => EncodedText.Of(tape, node).Why;

    private void Visit(int node, TextRole role, TextRole speaker)
    {
        ref readonly JsonNode n = ref _tape[node];
        if (n.NameLength > 0)
        {
            VisitName(node, role);
            role = RoleOfMember(node, role, speaker);
        }

        switch (n.Kind)
        {
            case JsonKind.Object:
                bool opens = IsFree(node);
                _free += opens ? 1 : 0;
                (role, speaker) = _free > 0 ? (role, speaker) : RoleOfObject(node, role, speaker);
                for (int child = _tape.FirstChild(node); child >= 0; child = _tape.NextSibling(child))
                {
                    Visit(child, role, speaker);
                }

                _free -= opens ? 1 : 0;
                break;
            case JsonKind.Array:
                VisitArray(node, role, speaker);
                break;
            case JsonKind.String:
                VisitString(node, role);
                break;
            case JsonKind.Number when n.End - n.Start is >= ShortestNumberBytes and <= LongestNumberBytes:
                ReadOnlySpan<byte> digits = _tape.Raw(node);
                if (digits.IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0 && !IsTime(node))
                {
                    Add(node, false, role, _tape.Document.Span[n.Start..n.End]);
                }

                break;
            default:
                break;
        }
    }

    private void VisitArray(int node, TextRole role, TextRole speaker)
    {
        bool tokens = (_tape.IsNamed(node, "input"u8) || _tape.IsNamed(node, "prompt"u8)) && _tape[node].Parent == 0 && HoldsNumbers(_tape.Raw(node));
        if (tokens)
        {
            // Token ids are a text that only the model's own tokenizer reads.
            Unsee(node, UnseenPart.Encrypted);
            return;
        }

        for (int child = _tape.FirstChild(node); child >= 0; child = _tape.NextSibling(child))
        {
            Visit(child, role, speaker);
        }
    }

    private static bool HoldsNumbers(ReadOnlySpan<byte> array)
    {
        int first = array.IndexOfAnyExcept("[ \t\r\n"u8);
        return first >= 0 && (char.IsAsciiDigit((char)array[first]) || array[first] == (byte)'-');
    }

    private void VisitName(int node, TextRole role)
    {
        ref readonly JsonNode n = ref _tape[node];
        ReadOnlySpan<byte> name = _tape.Document.Span.Slice(n.NameStart, n.NameLength);
        if (_free > 0 || HoldsMadeNames(n.Parent) || n.NameEscaped || name.Length > LongestPlainNameBytes || name.IndexOfAnyInRange((byte)'A', (byte)'Z') >= 0 || (name.IndexOfAnyExcept(Identifier) >= 0 && name.IndexOfAnyExcept(Word) >= 0) || Digits(name) >= ShortestNumberBytes)
        {
            string text = _tape.Name(node);
            EncodedText url = EncodedText.OfName(text);
            if (url.Why is { } why)
            {
                Unsee(node, why);
            }

            AddText(node, true, role, url.Text ?? text, url.Text is null ? null : url.Prefix);
        }
    }

    // Objects in which the caller names the members: a model reads the names of a tool's arguments as it reads their descriptions.
    private bool HoldsMadeNames(int parent) => parent > 0 && _tape[parent].NameLength is 5 or 9 or 10 or 11
        && (_tape.IsNamed(parent, "properties"u8) || _tape.IsNamed(parent, "$defs"u8) || _tape.IsNamed(parent, "definitions"u8) || _tape.IsNamed(parent, "variables"u8) || _tape.IsNamed(parent, "logit_bias"u8));

    private bool IsRole(int node) => _tape.IsText(node, "system"u8) || _tape.IsText(node, "developer"u8) || _tape.IsText(node, "user"u8) || _tape.IsText(node, "assistant"u8) || _tape.IsText(node, "tool"u8) || _tape.IsText(node, "function"u8);

    private bool IsFree(int node) => _tape[node].NameLength > 0
        && (_tape.IsNamed(node, "arguments"u8) || (_tape.IsNamed(node, "input"u8) && _tape[node].Parent != 0) || (_tape.IsNamed(node, "metadata"u8) && _tape[node].Parent == 0) || _tape.IsNamed(node, "_meta"u8));

    private static int Digits(ReadOnlySpan<byte> name)
    {
        int digits = 0;
        foreach (byte b in name)
        {
            digits += char.IsAsciiDigit((char)b) ? 1 : 0;
        }

        return digits;
    }

    private void VisitString(int node, TextRole role)
    {
        ref readonly JsonNode n = ref _tape[node];
        if (n.End - n.Start == 2 || IsProtocolWord(node))
        {
            return;
        }

        EncodedText encoded = EncodedText.Of(_tape, node, _free > 0);
        if (encoded.Text is not null)
        {
            AddText(node, false, role, encoded.Text, encoded.Prefix);
            return;
        }

        if (encoded.Why is { } why)
        {
            if (why.Length > 0)
            {
                Unsee(node, why);
            }

            // What only looks as if it were sealed is read as it is written, and so is what nobody but the caller knows the reader of.
            if (why is not UnseenPart.Encrypted && (_free == 0 || why.Length == 0))
            {
                return;
            }
        }

        if (IsReference(node, out string? kept))
        {
            Unsee(node, kept);
        }

        AddText(node, false, role, _tape.Text(node));
    }

    private bool IsProtocolWord(int node)
    {
        ref readonly JsonNode n = ref _tape[node];
        if (_free > 0 || n.NameLength is not (4 or 5 or 6) || n.Escaped || n.End - n.Start > LongestWordBytes + 2)
        {
            return false;
        }

        // Words of protocols are written small; a key of a cloud is not.
        if (_tape.RawText(node).IndexOfAnyInRange((byte)'A', (byte)'Z') >= 0 && !(_tape.IsNamed(node, "model"u8) && _tape.RawText(node).IndexOfAnyInRange((byte)'a', (byte)'z') >= 0))
        {
            return false;
        }

        bool isKind = _tape.IsNamed(node, "type"u8) || _tape.IsNamed(node, "object"u8);
        return (isKind ? !_isRequest || ProtocolWords.Has(_tape.RawText(node)) : (_tape.IsNamed(node, "role"u8) && IsRole(node)) || (_tape.IsNamed(node, "model"u8) && n.Parent == 0))
            && _tape.RawText(node).IndexOfAnyExcept(Word) < 0
            && Digits(_tape.RawText(node)) < ShortestNumberBytes
            && _tape.RawText(node).Length <= 32;
    }

    // What the words point to is kept upstream, or somewhere on the web, and never passes here.
    private bool IsReference(int node, [NotNullWhen(true)] out string? why)
    {
        why = _tape.IsNamed(node, "previous_response_id"u8) || _tape.IsNamed(node, "conversation"u8) || _tape.IsNamed(node, "file_id"u8) || _tape.IsNamed(node, "input_file_id"u8)
            || (_tape.IsNamed(node, "container"u8) && _tape[node].Parent == 0)
            || (_tape.IsNamed(node, "id"u8) && _tape[node].Parent > 0 && _tape[_tape[node].Parent].Parent == 0 && (_tape.IsNamed(_tape[node].Parent, "conversation"u8) || _tape.IsNamed(_tape[node].Parent, "prompt"u8)))
            ? UnseenPart.ServerHistory
            : (_tape.IsNamed(node, "url"u8) || _tape.IsNamed(node, "image_url"u8) || _tape.IsNamed(node, "file_url"u8)) && _tape.RawText(node).StartsWith("http"u8) && IsMediaSource(node)
            ? UnseenPart.Media
            : null;
        return why is not null;
    }

    private bool IsMediaSource(int node)
    {
        int parent = _tape[node].Parent;
        return !_tape.IsNamed(node, "url"u8) || _tape.IsNamed(parent, "image_url"u8) || _tape.IsNamed(parent, "source"u8) || _tape.IsNamed(parent, "file"u8);
    }

    private bool IsTime(int node) => _tape.IsNamed(node, "created"u8) || _tape.IsNamed(node, "seed"u8) || _tape.Name(node).EndsWith("_at", StringComparison.Ordinal);

    private TextRole RoleOfMember(int node, TextRole role, TextRole speaker)
    {
        if (_tape[node].Parent == 0)
        {
            if (_tape.IsNamed(node, "system"u8) || _tape.IsNamed(node, "instructions"u8))
            {
                return TextRole.System;
            }

            if (_tape.IsNamed(node, "tools"u8) || _tape.IsNamed(node, "functions"u8))
            {
                return TextRole.ToolDefinition;
            }

            if (_tape.IsNamed(node, "input"u8) || _tape.IsNamed(node, "prompt"u8))
            {
                return TextRole.User;
            }
        }

        return _tape.IsNamed(node, "arguments"u8) || (_tape.IsNamed(node, "input"u8) && _tape[node].Parent != 0) ? TextRole.ToolArguments
            : _tape.IsNamed(node, "reasoning_content"u8) || _tape.IsNamed(node, "reasoning"u8) ? TextRole.Reasoning
            : _tape.IsNamed(node, "thinking"u8) && IsOfThinkingBlock(node) ? TextRole.SignedReasoning
            : role is TextRole.Other && speaker is not TextRole.Other ? speaker
            : role;
    }

    // Only the text of a real block: what merely has the name is not left unaltered, and a block can be taken out of its list.
    private bool IsOfThinkingBlock(int node)
    {
        int block = _tape[node].Parent;
        return _free == 0 && _tape[node].Kind is JsonKind.String && block > 0 && _tape.IsText(_tape.Member(block, "type"u8), "thinking"u8) && _tape[_tape[block].Parent].Kind is JsonKind.Array;
    }

    private (TextRole Role, TextRole Speaker) RoleOfObject(int node, TextRole role, TextRole speaker)
    {
        int type = _tape.Member(node, "type"u8);
        int said = _tape.Member(node, "role"u8);
        if (said >= 0)
        {
            TextRole found = _tape.IsText(said, "system"u8) || _tape.IsText(said, "developer"u8) ? TextRole.System
                : _tape.IsText(said, "user"u8) ? TextRole.User
                : _tape.IsText(said, "assistant"u8) ? TextRole.Assistant
                : _tape.IsText(said, "tool"u8) || _tape.IsText(said, "function"u8) ? TextRole.Tool
                : role;
            return (found, found);
        }

        TextRole kind = type < 0 ? role
            : _tape.IsText(type, "tool_result"u8) || _tape.IsText(type, "function_call_output"u8) || _tape.IsText(type, "custom_tool_call_output"u8) ? TextRole.Tool
            : _tape.IsText(type, "tool_use"u8) || _tape.IsText(type, "function_call"u8) || _tape.IsText(type, "custom_tool_call"u8) || _tape.IsText(type, "mcp_call"u8) ? TextRole.ToolArguments
            : _tape.IsText(type, "reasoning"u8) ? TextRole.Reasoning
            : role;
        return (kind, speaker);
    }

    private void Unsee(int node, string why)
    {
        if (Unseen.Count < MaxTexts)
        {
            Unseen.Add(new UnseenPart(_tape.Pointer(node), why));
        }
    }

    private void Add(int node, bool isName, TextRole role, ReadOnlySpan<byte> text) => AddText(node, isName, role, System.Text.Encoding.ASCII.GetString(text));

    private void AddText(int node, bool isName, TextRole role, string text, string? prefix = null)
    {
        if (Texts.Count == MaxTexts)
        {
            if (Unseen.Count == 0 || Unseen[^1].Why is not UnseenPart.OverLimit)
            {
                Unsee(node, UnseenPart.OverLimit);
            }

            return;
        }

        Texts.Add(new TextSite(node, isName, role, text, prefix));
    }
}
