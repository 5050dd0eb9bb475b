using System.Text;
using System.Text.Json;
using Muniment.Events;
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

    private readonly HashSlots _hashes = new();
    private readonly HashSlots _values = new();
    private readonly HashSet<string> _texts = new(StringComparer.Ordinal);

    /// <summary>The distinct words of the events' text. Valid until the next call.</summary>
    public IReadOnlyCollection<ulong> Collect(TenantId tenant, TenantKeys keys, ReadOnlySpan<StoredEvent> events)
    {
        _hashes.Clear();
        _values.Clear();
        _texts.Clear();
        EventReader reader = new(tenant);
        Sink sink = new(new TermHasher(keys), _hashes);
        TextWords.Collect(AlwaysThere, ref sink);
        ValueSink values = new(this, sink);
        StoredEvent context = default;
        foreach (ref readonly StoredEvent stored in events)
        {
            // What a record shares with the one before, its envelope, resource and scope, has been read with that one; the words of its own bytes are enough.
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

    private static void Utf8(ReadOnlySpan<byte> text, ref Sink sink)
    {
        if (Ascii.IsValid(text))
        {
            Fold(text, ref sink);
        }
        else
        {
            TextWords.Collect(Encoding.UTF8.GetString(text), ref sink);
        }
    }

    /// <summary><see cref="TextWords.Collect"/> for ASCII.</summary>
    private static void Fold(ReadOnlySpan<byte> ascii, ref Sink sink)
    {
        Span<byte> word = stackalloc byte[TextWords.MaxLength];
        int length = 0;
        foreach (byte b in ascii)
        {
            if (char.IsAsciiLetterOrDigit((char)b))
            {
                if (length < TextWords.MaxLength)
                {
                    word[length++] = b is >= (byte)'A' and <= (byte)'Z' ? (byte)(b | 0x20) : b;
                }
            }
            else if (length > 0)
            {
                sink.Add(word[..length]);
                length = 0;
            }
        }

        if (length > 0)
        {
            sink.Add(word[..length]);
        }
    }

    private readonly struct ValueSink(WordHashes owner, Sink sink) : IValueSink
    {
        public void Add(ReadOnlySpan<byte> value)
        {
            Sink target = sink;
            if (owner._values.Add(target.Hasher.HashWord(value)))
            {
                Utf8(value, ref target);
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
