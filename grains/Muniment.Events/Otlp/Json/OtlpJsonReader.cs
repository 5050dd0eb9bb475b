using System.Buffers;
using System.Text.Json;
using Muniment.Events.Otlp.Schema;
using Muniment.Events.Otlp.Wire;

namespace Muniment.Events.Otlp.Json;

/// <summary>One pass over an OTLP/JSON body that writes protobuf; the engine of <see cref="OtlpJson"/>. Each method returns false after <see cref="Fail"/>.</summary>
internal ref struct OtlpJsonReader
{
    private readonly OtlpLimits _limits;
    private readonly ProtoWriter _target;
    private readonly JsonPathStack _path = new();
    private Utf8JsonReader _json;

    public OtlpJsonReader(ReadOnlySpan<byte> json, ProtoWriter target, OtlpLimits limits)
    {
        // An AnyValue takes at most four JSON levels a level of its own; what lies deeper can only be an unknown member.
        _json = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = (5 * limits.MaxValueDepth) + 50 });
        _target = target;
        _limits = limits;
    }

    public OtlpError? Error { get; private set; }

    public bool TryRead(MessageSchema root)
    {
        try
        {
            if (!_json.Read() || _json.TokenType != JsonTokenType.StartObject)
            {
                return Fail("expected a JSON object");
            }

            return TryReadMessage(root, 0) && (!_json.Read() || Fail("expected nothing after the object"));
        }
        catch (JsonException)
        {
            // The reader's own message may quote the body; position and path say enough.
            Error = new OtlpError(_path.ToString(), (int)_json.BytesConsumed, _json.CurrentDepth >= (5 * _limits.MaxValueDepth) + 49 ? "nested too deep" : "not well-formed JSON");
            return false;
        }
    }

    private bool Fail(string reason)
    {
        Error = new OtlpError(_path.ToString(), (int)_json.TokenStartIndex, reason);
        return false;
    }

    private bool TryReadMessage(MessageSchema schema, int depth)
    {
        if (schema.Role == MessageRole.AnyValue && ++depth > _limits.MaxValueDepth)
        {
            return Fail($"values are nested more than {_limits.MaxValueDepth} levels deep");
        }

        uint seen = 0;
        bool chosen = false;
        while (_json.Read() && _json.TokenType == JsonTokenType.PropertyName)
        {
            if (!TryFindField(schema, out FieldSchema? field))
            {
                return false;
            }

            if (field is null)
            {
                _json.Skip();
                continue;
            }

            _path.Push(field);
            if ((seen & (1u << field.Index)) != 0)
            {
                return Fail("this member occurs twice");
            }

            seen |= 1u << field.Index;
            _json.Read();
            if (_json.TokenType != JsonTokenType.Null)
            {
                if (field.OneOf != 0 && chosen)
                {
                    return Fail($"a {schema.Name} may hold only one value");
                }

                chosen |= field.OneOf != 0;
                if (!(field.Repeated ? TryReadArray(field, depth) : TryReadOne(field, depth, field.HasPresence)))
                {
                    return false;
                }
            }

            _path.Pop();
        }

        return true;
    }

    /// <summary>The field of the current property name; null for names that OTLP does not know, which are ignored by its specification.</summary>
    private bool TryFindField(MessageSchema schema, out FieldSchema? field)
    {
        field = null;
        scoped ReadOnlySpan<byte> name = _json.ValueSpan;
        Span<byte> scratch = stackalloc byte[128];
        if (_json.ValueIsEscaped)
        {
            if (JsonScalars.HasLoneSurrogate(name))
            {
                return Fail("a name has a lone surrogate");
            }

            if (name.Length > scratch.Length)
            {
                return true;
            }

            name = scratch[.._json.CopyString(scratch)];
        }

        field = schema.FindJson(name);
        if (field is null && name.Contains((byte)'_'))
        {
            foreach (FieldSchema known in schema.Fields)
            {
                // Ignoring this one would lose what was sent and answer success.
                if (known.Name != known.JsonName && name.SequenceEqual(known.NameText.EncodedUtf8Bytes))
                {
                    return Fail($"'{known.Name}' must be written '{known.JsonName}' in OTLP/JSON");
                }
            }
        }

        return true;
    }

    private bool TryReadArray(FieldSchema field, int depth)
    {
        if (_json.TokenType != JsonTokenType.StartArray)
        {
            return Fail("expected an array");
        }

        int packed = -1;
        if (field.MayBePacked)
        {
            packed = _target.Begin(field.Number);
        }

        int count = 0;
        while (_json.Read() && _json.TokenType != JsonTokenType.EndArray)
        {
            _path.At(count++);
            if (_json.TokenType == JsonTokenType.Null && field is { Kind: FieldKind.Message, Message.Role: MessageRole.AnyValue })
            {
                _target.Bytes(field.Number, default);
            }
            else if (!TryReadOne(field, depth, true, packed < 0))
            {
                return false;
            }
        }

        if (packed >= 0)
        {
            _target.End(packed);
        }

        return true;
    }

    /// <summary>Reads one value; a zero is written only when <paramref name="keepZero"/>.</summary>
    private bool TryReadOne(FieldSchema field, int depth, bool keepZero, bool withTag = true)
    {
        switch (field.Kind)
        {
            case FieldKind.Message:
                if (_json.TokenType != JsonTokenType.StartObject)
                {
                    return Fail("expected an object");
                }

                int start = _target.Begin(field.Number);
                bool read = TryReadMessage(field.Message, depth);
                _target.End(start);
                return read;
            case FieldKind.String or FieldKind.Bytes or FieldKind.Id:
                return TryReadText(field, keepZero);
            case FieldKind.Bool:
                if (_json.TokenType is not (JsonTokenType.True or JsonTokenType.False))
                {
                    return Fail("expected true or false");
                }

                WriteScalar(field, _json.TokenType == JsonTokenType.True ? 1UL : 0, keepZero, withTag);
                return true;
            default:
                return TryReadNumber(field, keepZero, withTag);
        }
    }

    private readonly void WriteScalar(FieldSchema field, ulong bits, bool keepZero, bool withTag)
    {
        if (bits == 0 && !keepZero)
        {
            return;
        }

        if (withTag)
        {
            _target.Tag(field.Number, field.WireType);
        }

        switch (field.WireType)
        {
            case ProtoCursor.Varint:
                _target.Varint(bits);
                break;
            case ProtoCursor.Fixed64:
                _target.Fixed64(bits);
                break;
            default:
                _target.Fixed32((uint)bits);
                break;
        }
    }

    private bool TryReadNumber(FieldSchema field, bool keepZero, bool withTag)
    {
        bool isString = _json.TokenType == JsonTokenType.String;
        if ((!isString && _json.TokenType != JsonTokenType.Number) || (isString && field.Kind == FieldKind.Enum))
        {
            return Fail(field.Kind == FieldKind.Enum ? "expected a number; OTLP/JSON does not allow the names of enum values" : "expected a number");
        }

        Span<byte> scratch = stackalloc byte[64];
        scoped ReadOnlySpan<byte> text = _json.ValueSpan;
        if (isString && _json.ValueIsEscaped)
        {
            if (text.Length > scratch.Length || JsonScalars.HasLoneSurrogate(text))
            {
                return Fail("expected a number");
            }

            text = scratch[.._json.CopyString(scratch)];
        }

        if (field.Kind == FieldKind.Double)
        {
            if (!JsonScalars.TryDouble(text, isString, out double real))
            {
                return Fail("expected a number, \"NaN\", \"Infinity\" or \"-Infinity\"");
            }

            WriteScalar(field, BitConverter.DoubleToUInt64Bits(real), keepZero, withTag);
            return true;
        }

        (Int128 low, Int128 high) = field.Kind switch
        {
            FieldKind.Enum or FieldKind.SInt32 => ((Int128)int.MinValue, (Int128)int.MaxValue),
            FieldKind.UInt32 or FieldKind.Fixed32 => (0, uint.MaxValue),
            FieldKind.Int64 or FieldKind.SFixed64 => (long.MinValue, long.MaxValue),
            _ => (0, ulong.MaxValue),
        };
        if (!JsonScalars.TryInteger(text, out Int128 value) || value < low || value > high)
        {
            return Fail($"expected a whole number from {low} to {high}");
        }

        ulong bits = field.Kind == FieldKind.SInt32 ? (uint)(((int)value << 1) ^ ((int)value >> 31)) : (ulong)(UInt128)(value & ulong.MaxValue);
        WriteScalar(field, bits, keepZero, withTag);
        return true;
    }

    private bool TryReadText(FieldSchema field, bool keepEmpty)
    {
        if (_json.TokenType != JsonTokenType.String)
        {
            return Fail("expected a string");
        }

        ReadOnlySpan<byte> raw = _json.ValueSpan;
        if (raw.IsEmpty && !keepEmpty)
        {
            return true;
        }

        if (!_json.ValueIsEscaped && field.Kind == FieldKind.String)
        {
            _target.Bytes(field.Number, raw);
            return true;
        }

        if (_json.ValueIsEscaped && JsonScalars.HasLoneSurrogate(raw))
        {
            return Fail("the string has a lone surrogate, which is no character");
        }

        int start = _target.Begin(field.Number);
        Span<byte> room = _target.Need(raw.Length);
        if (field.Kind == FieldKind.String)
        {
            _target.Advance(_json.CopyString(room));
        }
        else
        {
            byte[] rented = ArrayPool<byte>.Shared.Rent(Math.Max(raw.Length, 1));
            ReadOnlySpan<byte> text = rented.AsSpan(0, _json.CopyString(rented));
            int written = field.Kind == FieldKind.Id ? DecodeHex(text, room) : JsonScalars.DecodeBase64(text, room);
            ArrayPool<byte>.Shared.Return(rented);
            if (written < 0)
            {
                return Fail(field.Kind == FieldKind.Id ? "expected an even number of hex digits" : "expected base64");
            }

            _target.Advance(written);
        }

        _target.End(start);
        return true;
    }

    private static int DecodeHex(ReadOnlySpan<byte> text, Span<byte> target) =>
        Convert.FromHexString(text, target, out _, out int written) == OperationStatus.Done ? written : -1;
}
