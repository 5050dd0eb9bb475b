using System.Globalization;
using System.Text.Json;
using Muniment.Events.Canonical.Fields;
using Muniment.Events.Mapping;

namespace Muniment.Events.Canonical.Sessions;

/// <summary>
/// The facts of a canonical event as JSON, in one walk. Names and rules are those of <c>Parsing/EventParser</c>; a test holds both against each other. Whatever the parser might read in
/// another way ends the walk as <see cref="FactsOutcome.Unsure"/>.
/// </summary>
internal ref struct JsonSessionFacts
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = 2 * EventLimits.MaxDepth };

    private readonly ReadOnlyMemory<byte> json;
    private readonly SessionTexts texts;
    private Utf8JsonReader reader;
    private bool isUnsure;
    private bool hasActor;
    private bool hasAction;
    private bool hasResult;
    private bool mayHaveSequence;
    private ReadOnlyMemory<byte> details;

    private JsonSessionFacts(ReadOnlyMemory<byte> json, SessionTexts texts)
    {
        this.json = json;
        this.texts = texts;
        reader = new Utf8JsonReader(json.Span, Options);
    }

    /// <summary>Reads an event into facts that already have seq, receipt and, as <c>ts</c>, the receipt.</summary>
    public static FactsOutcome Read(ReadOnlyMemory<byte> json, SessionTexts texts, ref SessionFacts facts)
    {
        var walk = new JsonSessionFacts(json, texts);
        try
        {
            return walk.Run(ref facts);
        }
        catch (JsonException)
        {
            return FactsOutcome.Unsure;
        }
    }

    private FactsOutcome Run(ref SessionFacts facts)
    {
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return FactsOutcome.Unsure;
        }

        while (Next())
        {
            ReadTopLevel(ref facts);
        }

        if (isUnsure || reader.Read() || !hasActor || !hasAction || !hasResult)
        {
            return FactsOutcome.Unsure;
        }

        if (mayHaveSequence)
        {
            FieldValue sequence = DetailPath.Find(details, "attributes.event.sequence"u8);
            facts.Sequence = sequence.Kind == FieldKind.Integer ? sequence.Integer : null;
        }

        return facts.Session is { Length: > 0 } ? FactsOutcome.Read : FactsOutcome.NoSession;
    }

    private void ReadTopLevel(ref SessionFacts facts)
    {
        ReadOnlySpan<byte> name = reader.ValueSpan;
        switch (name.Length)
        {
            case 2 when name.SequenceEqual("ts"u8): ReadTime(ref facts); break;
            case 4 when name.SequenceEqual("risk"u8): facts.Risk = Word(Vocabulary.Risks); break;
            case 4 when name.SequenceEqual("tool"u8): ReadTool(ref facts); break;
            case 5 when name.SequenceEqual("actor"u8): ReadActor(ref facts); break;
            case 5 when name.SequenceEqual("agent"u8): facts.Agent = OneText("kind"u8); break;
            case 5 when name.SequenceEqual("trace"u8): ReadTrace(ref facts); break;
            case 5 when name.SequenceEqual("usage"u8): ReadUsage(ref facts); break;
            case 6 when name.SequenceEqual("action"u8): hasAction = true; reader.Skip(); break;
            case 6 when name.SequenceEqual("result"u8): ReadResult(ref facts); break;
            case 7 when name.SequenceEqual("details"u8): ReadDetails(); break;
            case 8 when name.SequenceEqual("resource"u8): facts.Project = OneText("project"u8); break;
            default:
                isUnsure |= name.StartsWith("attributes"u8); // becomes a member of details
                reader.Skip();
                break;
        }
    }

    private void ReadTime(ref SessionFacts facts)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String && Timestamps.TryParse(reader.ValueSpan, out long unixNs))
        {
            facts.TimeNs = unixNs;
        }
        else
        {
            isUnsure |= reader.TokenType != JsonTokenType.Null;
        }
    }

    private void ReadResult(ref SessionFacts facts)
    {
        string? result = Word(Vocabulary.Results);
        hasResult = result is not null;
        facts.IsDenied = result == "denied";
    }

    private void ReadActor(ref SessionFacts facts)
    {
        hasActor = true;
        reader.Read();
        if (reader.TokenType == JsonTokenType.String)
        {
            facts.User = FlatHuman();
            return;
        }

        if (!IsObject())
        {
            return;
        }

        string? id = null, type = null, user = null;
        while (Next())
        {
            if (reader.ValueTextEquals("id"u8)) { id = Text(texts.Others); }
            else if (reader.ValueTextEquals("type"u8)) { type = Word(Vocabulary.ActorTypes); }
            else if (reader.ValueTextEquals("user"u8)) { user = Text(texts.Others); }
            else { reader.Skip(); }
        }

        isUnsure |= string.IsNullOrEmpty(id);
        facts.User = user ?? (type == "user" ? id : null);
    }

    /// <summary>The human of the flat form, as <see cref="FlatForm.ReadActor"/> reads it.</summary>
    private string? FlatHuman()
    {
        ReadOnlySpan<byte> flat = reader.ValueSpan;
        if (reader.ValueIsEscaped || flat.IsEmpty)
        {
            isUnsure = true;
            return null;
        }

        return flat.Length > 5 && flat.StartsWith("user:"u8) ? texts.Others.Get(flat[5..]) : null;
    }

    private void ReadTrace(ref SessionFacts facts)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String)
        {
            return; // flat: a correlation
        }

        if (!IsObject())
        {
            return;
        }

        while (Next())
        {
            if (reader.ValueTextEquals("session"u8)) { facts.Session = Text(texts.Sessions); }
            else if (reader.ValueTextEquals("turn"u8)) { facts.Turn = TextHash(); }
            else { reader.Skip(); }
        }
    }

    private void ReadTool(ref SessionFacts facts)
    {
        if (!Enter())
        {
            return;
        }

        while (Next())
        {
            if (reader.ValueTextEquals("name"u8)) { facts.HasTool = IsText(); }
            else if (reader.ValueTextEquals("call"u8)) { facts.Call = TextHash(); }
            else { reader.Skip(); }
        }
    }

    private void ReadUsage(ref SessionFacts facts)
    {
        if (!Enter())
        {
            return;
        }

        SessionTokens tokens = default;
        while (Next())
        {
            if (reader.ValueTextEquals("input"u8)) { tokens.Input = Count(); }
            else if (reader.ValueTextEquals("cache_read"u8)) { tokens.CacheRead = Count(); }
            else if (reader.ValueTextEquals("cache_write"u8)) { tokens.CacheWrite = Count(); }
            else if (reader.ValueTextEquals("output"u8)) { tokens.Output = Count(); }
            else if (reader.ValueTextEquals("reasoning"u8)) { tokens.Reasoning = Count(); }
            else if (reader.ValueTextEquals("cost"u8)) { ReadCost(ref tokens); }
            else { reader.Skip(); }
        }

        facts.Tokens = tokens;
    }

    private void ReadCost(ref SessionTokens tokens)
    {
        if (!Enter())
        {
            return;
        }

        decimal? amount = null;
        string? unit = null, source = null;
        while (Next())
        {
            if (reader.ValueTextEquals("amount"u8)) { amount = Amount(); }
            else if (reader.ValueTextEquals("unit"u8)) { unit = Text(texts.Others); }
            else if (reader.ValueTextEquals("source"u8)) { source = Word(Vocabulary.CostSources); }
            else { reader.Skip(); }
        }

        if (amount is not null)
        {
            (tokens.Cost, tokens.CostUnit, tokens.CostSource) = (amount, unit ?? SessionTokens.DefaultUnit, source);
        }
    }

    private void ReadDetails()
    {
        if (!Enter())
        {
            return;
        }

        int start = (int)reader.TokenStartIndex;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            mayHaveSequence |= reader.ValueIsEscaped || reader.ValueSpan.StartsWith("attributes"u8);
            reader.Skip();
        }

        details = json.Slice(start, (int)reader.BytesConsumed - start);
    }

    /// <summary>Moves to the next member of the current object; false at its end. A name that is escaped leaves the rest to the parser.</summary>
    private bool Next()
    {
        if (isUnsure || !reader.Read() || reader.TokenType != JsonTokenType.PropertyName)
        {
            return false;
        }

        isUnsure = reader.ValueIsEscaped;
        return !isUnsure;
    }

    /// <summary>Goes into the object after the current name; false when there is none.</summary>
    private bool Enter()
    {
        reader.Read();
        return IsObject();
    }

    /// <summary>JSON null is none, and anything else that is no object is the parser's.</summary>
    private bool IsObject()
    {
        isUnsure |= reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.Null);
        return reader.TokenType == JsonTokenType.StartObject;
    }

    private string? OneText(ReadOnlySpan<byte> member)
    {
        if (!Enter())
        {
            return null;
        }

        string? text = null;
        while (Next())
        {
            if (reader.ValueTextEquals(member))
            {
                text = Text(texts.Others);
            }
            else
            {
                reader.Skip();
            }
        }

        return text;
    }

    /// <summary>The text after the current name; null for JSON null.</summary>
    private string? Text(Utf8StringCache cache) => IsText() ? cache.Get(reader.ValueSpan) : null;

    private ulong? TextHash() => IsText() ? SessionFacts.Hash(reader.ValueSpan) : null;

    private bool IsText()
    {
        reader.Read();
        isUnsure |= reader.ValueIsEscaped || reader.TokenType is not (JsonTokenType.String or JsonTokenType.Null);
        return !isUnsure && reader.TokenType == JsonTokenType.String;
    }

    private string? Word(Vocabulary words)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null)
        {
            return null;
        }

        string? word = reader.TokenType == JsonTokenType.String ? words.Find(reader.ValueSpan) : null;
        isUnsure |= word is null;
        return word;
    }

    private long? Count()
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null)
        {
            return null;
        }

        long value = -1;
        isUnsure |= reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out value) || value < 0;
        return value;
    }

    private decimal? Amount()
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null)
        {
            return null;
        }

        const int MaxBytes = 40;
        bool isNumber = reader.TokenType == JsonTokenType.Number;
        NumberStyles style = NumberStyles.AllowDecimalPoint | (isNumber ? NumberStyles.AllowExponent : NumberStyles.None);
        decimal amount = -1;
        isUnsure |= (!isNumber && reader.TokenType != JsonTokenType.String) || reader.ValueSpan.Length > MaxBytes
            || !decimal.TryParse(reader.ValueSpan, style, CultureInfo.InvariantCulture, out amount) || amount < 0;
        return amount;
    }
}
