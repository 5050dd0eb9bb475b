using System.Buffers;
using System.Text;
using System.Text.Json;
using Muniment.Events.Canonical.Writing;

namespace Muniment.Events.Canonical.Copying;

/// <summary>What an envelope says about each event under it, ready to be written.</summary>
internal sealed class CopyFrame
{
    private CopyFrame(Envelope envelope)
    {
        Stream = envelope.Stream ?? "activity";
        AfterTimes = Encoding.UTF8.GetBytes($"\",\"signal\":\"event\",\"stream\":\"{Stream}\"");
        Source = Member(json => PartWriter.Write(json, new SourcePart
        {
            Key = envelope.Key, Receiver = envelope.Receiver, Address = envelope.Address, Dialect = envelope.Dialect, Mapper = envelope.Mapper, Imported = envelope.Imported, Verified = envelope.Verified,
        }));
        if (envelope.Project is not null || envelope.Set is { Count: > 0 })
        {
            CanonicalEvent probe = new() { Id = "" };
            EnvelopeOverlay.Apply(probe, envelope);
            Resource = Member(json => PartWriter.Write(json, probe.Resource));
        }

        if (envelope.User is { } user)
        {
            User = Encoding.UTF8.GetBytes(user);
            UserMember = Encoding.UTF8.GetBytes(",\"user\":" + Text(user));
        }
    }

    /// <summary>The stream.</summary>
    public string Stream { get; }

    /// <summary>From the end of <c>received</c> to the end of <c>stream</c>.</summary>
    public byte[] AfterTimes { get; }

    /// <summary>The member <c>source</c>, with its comma.</summary>
    public byte[] Source { get; }

    /// <summary>The member <c>resource</c> of an event that says nothing about it itself; empty for none.</summary>
    public byte[] Resource { get; } = [];

    /// <summary>The key's user; empty for none.</summary>
    public byte[] User { get; } = [];

    /// <summary>The member <c>actor.user</c> that it becomes, with its comma.</summary>
    public byte[] UserMember { get; } = [];

    /// <summary>The frame; null when the envelope says something about single events, so that they are read.</summary>
    public static CopyFrame? Create(Envelope envelope) =>
        envelope is { IsOurs: false, IdConflict: false, Cut: null or { Count: 0 } } && (envelope.Stream is null || Vocabulary.Streams.Rank(envelope.Stream) >= 0) ? new CopyFrame(envelope) : null;

    private static string Text(string value)
    {
        ArrayBufferWriter<byte> text = new();
        using (Utf8JsonWriter json = new(text, JsonText.Compact))
        {
            json.WriteStringValue(value);
        }

        return Encoding.UTF8.GetString(text.WrittenSpan);
    }

    private static byte[] Member(Action<Utf8JsonWriter> write)
    {
        ArrayBufferWriter<byte> text = new();
        using (Utf8JsonWriter json = new(text, JsonText.Compact))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        return [(byte)',', .. text.WrittenSpan[1..^1]];
    }
}
