using System.Text;
using System.Text.Json;
using Muniment.Events;
using Muniment.Events.Blocks.Sealed;
using Muniment.Events.Canonical;
using Muniment.Events.Keys;
using Muniment.Events.Terms;

namespace Muniment.Journal.Sealing;

/// <summary>
/// Collects the keyed hashes of a block's words: all that <see cref="EventWords"/> finds, and for logs at most a few more; but a value that was seen in the block before is not taken apart
/// again (most values of telemetry repeat), and ASCII is folded in place. Used by one thread at a time.
/// </summary>
internal sealed class WordHashes
{
    /// <summary>Words that the mapping may give to an event whose record does not hold them.</summary>
    private const string AlwaysThere = "log record span end metric report true false";

    private const double MinPlainReal = 1e-4;
    private const double MaxPlainReal = 1e9;
    private const int MaxScale = 6;

    private static readonly double[] _powers = [1, 10, 100, 1e3, 1e4, 1e5, 1e6];

    private readonly HashSlots _hashes = new();
    private readonly HashSlots _values = new();
    private readonly WordTable _words;
    private readonly HashSet<string> _texts = new(StringComparer.Ordinal);

    private int _scale;

    public WordHashes() => _words = new WordTable(_hashes);

    /// <summary>The distinct words of the events' text. Valid until the next call.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="keys">Its keys.</param>
    /// <param name="events">The events.</param>
    /// <param name="encoded">Their values by column, when they were just encoded: then most records need not be read.</param>
    public HashSlots Collect(TenantId tenant, TenantKeys keys, ReadOnlySpan<StoredEvent> events, EncodedValues? encoded = null)
    {
        _hashes.Clear();
        _values.Clear();
        _texts.Clear();
        _words.Begin(new TermHasher(keys));
        EventReader reader = new(tenant);
        Sink sink = new(new TermHasher(keys), _hashes);
        TextWords.Collect(AlwaysThere, ref sink);
        ValueSink values = new(this, sink);
        StoredEvent context = default;
        if (encoded is not null)
        {
            long latestNs = long.MaxValue - EnvelopeOverlay.MaxAheadNs;
            foreach (ref readonly StoredEvent stored in events)
            {
                latestNs = Math.Min(latestNs, stored.ReceivedNs);
            }

            ColumnSink columns = new(this);
            encoded.Collect(latestNs + EnvelopeOverlay.MaxAheadNs, ref columns);
        }

        for (int i = 0; i < events.Length; i++)
        {
            if (encoded is not null && encoded.IsCovered(i))
            {
                continue;
            }

            // What a record shares with the one before, its envelope, resource and scope, has been read with that one; the words of its own bytes are enough.
            ref readonly StoredEvent stored = ref events[i];
            if (stored.Kind == EntryKind.Log && SameContext(stored, context) && LogRecordWords.TryCollect(stored.Record.Span, stored.ReceivedNs, ref values))
            {
                continue;
            }

            context = stored;
            CanonicalEvent canonical = reader.Read(stored);
            Fields(canonical, ref sink);
            Details(canonical.Details.Span, ref sink);
        }

        return _hashes;
    }

    private void Fields(CanonicalEvent canonical, ref Sink sink)
    {
        Text(canonical.Action, ref sink);
        Text(canonical.Target, ref sink);
        Text(canonical.Reason, ref sink);
        Text(canonical.Artifact?.Kind, ref sink);
        Text(canonical.Artifact?.Name, ref sink);
        Text(canonical.Artifact?.Version, ref sink);
        Text(canonical.Artifact?.Digest, ref sink);
        Text(canonical.Tool?.Name, ref sink);
        Text(canonical.Tool?.Namespace, ref sink);
        Text(canonical.Tool?.Server, ref sink);
        Text(canonical.Tool?.Call, ref sink);
        Text(canonical.Tool?.Command, ref sink);
        Text(canonical.Model?.Provider, ref sink);
        Text(canonical.Model?.Requested, ref sink);
        Text(canonical.Model?.Served, ref sink);
    }

    private void Text(string? text, ref Sink sink)
    {
        if (text is not null && _texts.Add(text))
        {
            TextWords.Collect(text, ref sink);
        }
    }

    private void Details(ReadOnlySpan<byte> json, ref Sink sink)
    {
        if (json.IsEmpty)
        {
            return;
        }

        Utf8JsonReader reader = new(json, new JsonReaderOptions { MaxDepth = 2 * EventLimits.MaxDepth });
        while (reader.Read())
        {
            if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.Number) || !_values.Add(sink.Hasher.HashWord(reader.ValueSpan)))
            {
                continue;
            }

            if (reader.ValueIsEscaped)
            {
                TextWords.Collect(reader.GetString(), ref sink);
            }
            else
            {
                Utf8(reader.ValueSpan, ref sink);
            }
        }
    }

    private static bool SameContext(in StoredEvent stored, in StoredEvent context) =>
        context.Kind == stored.Kind && stored.Envelope.Span.SequenceEqual(context.Envelope.Span) && stored.Resource.Span.SequenceEqual(context.Resource.Span)
        && stored.Scope.Span.SequenceEqual(context.Scope.Span);

    private void Utf8(ReadOnlySpan<byte> text, ref Sink sink)
    {
        if (Ascii.IsValid(text))
        {
            _words.AddAscii(text);
        }
        else
        {
            TextWords.Collect(Encoding.UTF8.GetString(text), ref sink);
        }
    }

    // A number of few digits, as telemetry's are, is written without asking how it is written shortest: those digits are.
    private void Real(double number)
    {
        number = Math.Abs(number);
        if (number is 0 or (>= MinPlainReal and < MaxPlainReal))
        {
            for (int tries = 0; tries <= MaxScale; tries++, _scale = _scale == MaxScale ? 0 : _scale + 1)
            {
                double scaled = Math.Round(number * _powers[_scale]);
                if (scaled / _powers[_scale] == number)
                {
                    Decimal((ulong)scaled, _scale);
                    return;
                }
            }
        }

        ColumnSink columns = new(this);
        LogRecordWords.TryReal(number, ref columns);
    }

    private void Decimal(ulong digits, int scale)
    {
        (ulong whole, ulong fraction) = Math.DivRem(digits, (ulong)_powers[scale]);
        _words.AddNumber(whole);
        if (fraction == 0)
        {
            return;
        }

        while (fraction % 10 == 0)
        {
            fraction /= 10;
            scale--;
        }

        _words.AddNumber(fraction, scale);
    }

    private readonly struct ColumnSink(WordHashes owner) : IEncodedValueSink, IValueSink
    {
        public void AddText(ReadOnlySpan<byte> utf8)
        {
            Sink sink = new(owner._words.Hasher, owner._hashes);
            owner.Utf8(utf8, ref sink);
        }

        public void AddNumber(ulong number) => owner._words.AddNumber(number);

        public void AddReal(double number) => owner.Real(number);

        public void Add(ReadOnlySpan<byte> value) => owner._words.AddAscii(value);

        public void AddWord(ReadOnlySpan<byte> word) => owner._words.AddAscii(word);
    }

    private readonly struct ValueSink(WordHashes owner, Sink sink) : IValueSink
    {
        public void Add(ReadOnlySpan<byte> value)
        {
            Sink target = sink;
            if (owner._values.Add(target.Hasher.HashWord(value)))
            {
                owner.Utf8(value, ref target);
            }
        }

        public void AddWord(ReadOnlySpan<byte> word)
        {
            Sink target = sink;
            target.Add(word);
        }
    }

    private readonly struct Sink(TermHasher hasher, HashSlots hashes) : IWordSink
    {
        private const int MaxUtf8Bytes = TextWords.MaxLength * 3;

        public TermHasher Hasher => hasher;

        public void Add(ReadOnlySpan<byte> word) => hashes.Add(hasher.HashWord(word));

        public void Add(scoped ReadOnlySpan<char> word)
        {
            Span<byte> utf8 = stackalloc byte[MaxUtf8Bytes];
            Add(utf8[..Encoding.UTF8.GetBytes(word, utf8)]);
        }
    }
}
