using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Muniment.Events.Canonical.Parsing;

/// <summary>Typed values. Each reads the value after the current name; JSON <c>null</c> counts as absent.</summary>
internal ref partial struct EventParser
{
    private void Fail(string at, string what)
    {
        if (badField is null)
        {
            badField = at;
            expected = what;
        }
    }

    /// <summary>Moves to the next member of the current object and checks its name; false at the object's end or after a problem.</summary>
    private bool Next(ref MemberNames names, string? parent)
    {
        if (Failed || !reader.Read() || reader.TokenType == JsonTokenType.EndObject)
        {
            return false;
        }

        nameStart = (int)reader.TokenStartIndex;
        nameLength = reader.ValueSpan.Length + 2;
        bool isNew;
        if (!reader.ValueIsEscaped)
        {
            name = reader.ValueSpan;
            isNew = names.TryAdd(json.Span, nameStart + 1, name.Length);
        }
        else if (JsonEscapes.ArePaired(reader.ValueSpan))
        {
            string text = reader.GetString()!;
            name = Encoding.UTF8.GetBytes(text);
            isNew = names.TryAdd(json.Span, text);
        }
        else
        {
            Fail(parent ?? "body", "surrogate escapes in pairs");
            return false;
        }

        if (!isNew)
        {
            Fail(Path(parent), "one member of this name, found two");
        }

        return !Failed;
    }

    /// <summary>Dotted name of the current member, shortened for a message.</summary>
    private readonly string Path(string? parent)
    {
        string text = Encoding.UTF8.GetString(name.Length <= 64 ? name : name[..64]);
        return parent is null ? text : $"{parent}.{text}";
    }

    private string? Text(string at)
    {
        if (Failed || !reader.Read() || reader.TokenType == JsonTokenType.Null)
        {
            return null;
        }

        if (reader.TokenType != JsonTokenType.String)
        {
            Fail(at, "a text");
            return null;
        }

        if (!reader.ValueIsEscaped)
        {
            return reader.GetString();
        }

        if (!JsonEscapes.ArePaired(reader.ValueSpan))
        {
            Fail(at, "surrogate escapes in pairs");
            return null;
        }

        string text = reader.GetString()!;
        if (text.Contains('\0'))
        {
            Fail(at, "a text without NUL");
        }

        return text;
    }

    private string? Word(string at, Vocabulary words)
    {
        if (Failed || !reader.Read() || reader.TokenType == JsonTokenType.Null)
        {
            return null;
        }

        string? word = reader.TokenType == JsonTokenType.String && !reader.ValueIsEscaped ? words.Find(reader.ValueSpan) : null;
        if (word is null)
        {
            Fail(at, words.Expected);
        }

        return word;
    }

    private long? Count(string at)
    {
        long? value = Integer(at, "an integer from 0 to 9223372036854775807");
        if (value < 0)
        {
            Fail(at, "an integer from 0 to 9223372036854775807");
        }

        return value;
    }

    private long? Integer(string at, string what = "an integer")
    {
        if (Failed || !reader.Read() || reader.TokenType == JsonTokenType.Null)
        {
            return null;
        }

        if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out long value))
        {
            Fail(at, what);
            return null;
        }

        return value;
    }

    private double? NonNegative(string at)
    {
        if (Failed || !reader.Read() || reader.TokenType == JsonTokenType.Null)
        {
            return null;
        }

        if (reader.TokenType != JsonTokenType.Number || !reader.TryGetDouble(out double value) || !double.IsFinite(value) || value < 0)
        {
            Fail(at, "a finite number not below 0");
            return null;
        }

        return value;
    }

    private bool? Flag(string at)
    {
        if (Failed || !reader.Read() || reader.TokenType == JsonTokenType.Null)
        {
            return null;
        }

        if (reader.TokenType is not (JsonTokenType.True or JsonTokenType.False))
        {
            Fail(at, "true or false");
            return null;
        }

        return reader.TokenType == JsonTokenType.True;
    }

    /// <summary>An amount of money: plain decimal text, or a JSON number, whose text is kept (an exponent is written out).</summary>
    private string? Amount(string at)
    {
        const string What = "a decimal not below 0 such as \"0.0123\"";
        if (Failed || !reader.Read() || reader.TokenType == JsonTokenType.Null)
        {
            return null;
        }

        if (reader.TokenType is JsonTokenType.String or JsonTokenType.Number && !reader.ValueIsEscaped && reader.ValueSpan.Length is > 0 and <= 40)
        {
            string text = Encoding.UTF8.GetString(reader.ValueSpan);
            NumberStyles style = NumberStyles.AllowDecimalPoint | (reader.TokenType == JsonTokenType.Number ? NumberStyles.AllowExponent : NumberStyles.None);
            if (decimal.TryParse(text, style, CultureInfo.InvariantCulture, out decimal amount) && amount >= 0)
            {
                return text.AsSpan().ContainsAny('e', 'E') ? amount.ToString(CultureInfo.InvariantCulture) : text;
            }
        }

        Fail(at, What);
        return null;
    }

    private bool Time(string at, out long unixNs)
    {
        unixNs = 0;
        if (Failed || !reader.Read() || reader.TokenType == JsonTokenType.Null)
        {
            return false;
        }

        if (reader.TokenType == JsonTokenType.String && Timestamps.TryParse(reader.ValueSpan, out unixNs))
        {
            return true;
        }

        Fail(at, Timestamps.Expected);
        return false;
    }

    /// <summary>Lower-case hex of a fixed length that is not all zeros (W3C trace context).</summary>
    private string? Hex(string at, int digits)
    {
        if (Failed || !reader.Read() || reader.TokenType == JsonTokenType.Null)
        {
            return null;
        }

        if (reader.TokenType == JsonTokenType.String && reader.ValueSpan.Length == digits)
        {
            Span<byte> lower = stackalloc byte[32];
            bool isHex = true;
            for (int i = 0; i < digits; i++)
            {
                byte c = reader.ValueSpan[i];
                isHex &= c is (>= (byte)'0' and <= (byte)'9') or (>= (byte)'a' and <= (byte)'f') or (>= (byte)'A' and <= (byte)'F');
                lower[i] = c is >= (byte)'A' and <= (byte)'F' ? (byte)(c + 32) : c;
            }

            if (isHex && lower[..digits].ContainsAnyExcept((byte)'0'))
            {
                return Encoding.ASCII.GetString(lower[..digits]);
            }
        }

        Fail(at, $"{digits} hex digits, not all 0");
        return null;
    }

    /// <summary><c>algorithm:value</c>, such as <c>sha256:…</c>.</summary>
    private string? Digest(string at)
    {
        string? text = Text(at);
        if (text is not null && !Failed)
        {
            int colon = text.IndexOf(':');
            if (colon < 1 || colon == text.Length - 1 || text.AsSpan().ContainsAnyExceptInRange('!', '~'))
            {
                Fail(at, "algorithm:value such as sha256:…");
            }
        }

        return text;
    }
}
