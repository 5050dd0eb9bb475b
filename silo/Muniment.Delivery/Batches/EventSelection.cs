using System.Buffers.Binary;
using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;
using Muniment.Delivery.Configuration;
using Muniment.Delivery.Running;
using Muniment.Events;
using Muniment.Events.Canonical;

namespace Muniment.Delivery.Batches;

/// <summary>Which events a destination gets. Pure: the same configuration gives the same answer for an event, always.</summary>
public sealed class EventSelection
{
    private readonly FrozenSet<string> _streams;
    private readonly bool _raw;
    private readonly Func<CanonicalEvent, bool>? _where;
    private readonly Func<CanonicalEvent, bool>? _keep;
    private readonly double _rate;
    private readonly string _id;

    /// <summary>Compiles a checked configuration.</summary>
    public EventSelection(DestinationConfig config, IPredicateCompiler predicates)
    {
        _streams = config.Streams.ToFrozenSet(StringComparer.Ordinal);
        _raw = config.IsRaw;
        _id = config.Id;
        _where = config.Where is { } where ? Compile(where) : null;
        _keep = config.Sample?.Keep is { } keep ? Compile(keep) : null;
        _rate = config.Sample?.Rate ?? 1;

        Func<CanonicalEvent, bool> Compile(System.Text.Json.JsonElement selection) =>
            predicates.Compile(selection, out string? expected) ?? throw new InvalidDataException($"a stored selection cannot be read: expected {expected}");
    }

    /// <summary>Whether the stream alone decides.</summary>
    public bool IsByStream => !_raw && _where is null && _rate >= 1;

    /// <summary>Tests an event of a sender by its stream, where that decides.</summary>
    public Selected Test(string stream) => _streams.Contains(stream) ? Selected.Yes : Selected.Stream;

    /// <summary>Tests one entry.</summary>
    /// <param name="stored">The entry.</param>
    /// <param name="projection">Reads it when needed.</param>
    /// <param name="read">Its canonical form, where the caller has it; filled in if it was needed.</param>
    public Selected Test(in StoredEvent stored, IEventProjection projection, ref CanonicalEvent? read)
    {
        if (_raw)
        {
            string? stream = stored.Kind switch { EntryKind.Log => "otel_logs", EntryKind.Span => "otel_traces", EntryKind.Metric => "otel_metrics", _ => null };
            if (stream is null || !_streams.Contains(stream))
            {
                return Selected.Stream;
            }

            if (_where is null && _rate >= 1)
            {
                return Selected.Yes;
            }

            read ??= projection.Read(stored);
        }
        else
        {
            if (stored.Kind == EntryKind.Metric)
            {
                return Selected.Stream;
            }

            read ??= projection.Read(stored);
            if (read.Stream is null || !_streams.Contains(read.Stream) || IsAboutItself(read))
            {
                return Selected.Stream;
            }
        }

        if (_where is not null && !_where(read))
        {
            return Selected.Where;
        }

        return _rate >= 1 || Fraction(read.Id) < _rate || (_keep is not null && _keep(read)) ? Selected.Yes : Selected.Sample;
    }

    /// <summary>That a destination is held is news for the others: a notice to itself would add to what it does not take.</summary>
    private bool IsAboutItself(CanonicalEvent value) =>
        value is { Stream: "system", Action: DeliveryNotice.PauseAction or DeliveryNotice.ResumeAction } && value.Target == _id && value.Source.Receiver == "platform";

    /// <summary>The id's place between 0 and 1: the first 8 bytes of its SHA-256, big-endian, as a fraction of 2^64.</summary>
    public static double Fraction(string id)
    {
        Span<byte> hash = stackalloc byte[32];
        Span<byte> utf8 = stackalloc byte[512];
        SHA256.HashData(Encoding.UTF8.TryGetBytes(id, utf8, out int length) ? utf8[..length] : Encoding.UTF8.GetBytes(id), hash);
        return BinaryPrimitives.ReadUInt64BigEndian(hash) / 18446744073709551616.0;
    }
}

/// <summary>Answer of <see cref="EventSelection"/>.</summary>
public enum Selected
{
    /// <summary>It goes out.</summary>
    Yes,
    /// <summary>Its stream is not selected.</summary>
    Stream,
    /// <summary>It does not match.</summary>
    Where,
    /// <summary>It was not sampled.</summary>
    Sample,
}
