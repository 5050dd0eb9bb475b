using System.Buffers;

namespace Muniment.Events.Blocks.Sealed;

/// <summary>
/// Cuts one JSON text into fixed pieces and values (contents of strings, numbers, words). It need not understand the text: pieces and values joined in order are
/// the text again, whatever it is.
/// </summary>
internal readonly ref struct JsonWalk(ShapeTree tree, RecordReader values, ReadOnlySpan<byte> json)
{
    private const int MaxDepth = 32;
    private static readonly SearchValues<byte> _wordBytes = SearchValues.Create("+-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);
    private readonly ReadOnlySpan<byte> _json = json;

    /// <summary>Last node of the path, or -1 when the tree has no room.</summary>
    public int Run(int root)
    {
        Span<int> contexts = stackalloc int[MaxDepth];
        int node = root, depth = 0, literal = 0, at = 0, keyAt = 0, keyLength = 0;
        contexts[0] = root;
        while (at < _json.Length)
        {
            byte c = _json[at];
            if (c == '"')
            {
                int close = CloseQuote(at + 1);
                if (close < 0)
                {
                    break;
                }

                int after = close + 1;
                while (after < _json.Length && _json[after] is (byte)' ' or (byte)'\t' or (byte)'\n' or (byte)'\r')
                {
                    after++;
                }

                if (after < _json.Length && _json[after] == ':')
                {
                    (keyAt, keyLength, at) = (at + 1, close - at - 1, after + 1);
                    continue;
                }

                if (!Value(ref node, literal, at + 1, close, contexts[depth], _json.Slice(keyAt, keyLength)))
                {
                    return -1;
                }

                literal = close;
                at = close + 1;
            }
            else if (c is (byte)'{' or (byte)'[')
            {
                if (depth < MaxDepth - 1)
                {
                    // Contexts only group values into columns; hashing the key is enough.
                    contexts[depth + 1] = tree.ContextBelow(contexts[depth], c, ValueHash.Of(_json.Slice(keyAt, keyLength)));
                    depth++;
                }

                keyLength = 0;
                at++;
            }
            else if (c is (byte)'}' or (byte)']')
            {
                depth = Math.Max(depth - 1, 0);
                at++;
            }
            else if (_wordBytes.Contains(c))
            {
                int end = _json[at..].IndexOfAnyExcept(_wordBytes);
                end = end < 0 ? _json.Length : at + end;
                if (!Value(ref node, literal, at, end, contexts[depth], _json.Slice(keyAt, keyLength)))
                {
                    return -1;
                }

                literal = end;
                at = end;
            }
            else
            {
                at++;
            }
        }

        if (literal < _json.Length)
        {
            node = LiteralStep(node, _json[literal..]);
        }

        return node;
    }

    private int LiteralStep(int node, ReadOnlySpan<byte> literal)
    {
        int child = tree.FindLiteral(node, literal);
        return child >= 0 ? child : tree.Add(node, ShapeOp.Literal, 0, 0, literal);
    }

    private bool Value(ref int node, int literal, int start, int end, int context, ReadOnlySpan<byte> key)
    {
        node = LiteralStep(node, _json[literal..start]);
        if (node < 0)
        {
            return false;
        }

        int child = tree.Find(node, ShapeOp.Text, 0);
        node = child >= 0 ? child : tree.Add(node, ShapeOp.Text, 0, tree.ContextBelow(context, 0, ValueHash.Of(key)));
        return node >= 0 && values.Keep(node, start, end - start);
    }

    private int CloseQuote(int at)
    {
        while (true)
        {
            int i = _json[at..].IndexOfAny((byte)'"', (byte)'\\');
            if (i < 0)
            {
                return -1;
            }

            at += i;
            if (_json[at] == '"')
            {
                return at;
            }

            at += 2;
            if (at > _json.Length)
            {
                return -1;
            }
        }
    }
}
