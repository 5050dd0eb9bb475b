using System.Buffers;
using Muniment.Events.Canonical;

namespace Muniment.Events.Formats;

/// <summary>
/// Writes events in one of the contract's formats, one event after another. Pure: the bytes depend on the event and the marks alone, so a retry and a rebuilt batch have
/// the same bytes. An instance keeps buffers and is used by one thread at a time; <see cref="EventFormats.Find"/> makes a new one at each call.
/// </summary>
public interface IEventFormat
{
    /// <summary>Name in the outside contract.</summary>
    string Name { get; }

    /// <summary>Media type of one event, or of lines of them.</summary>
    string ContentType { get; }

    /// <summary>Whether an event is one JSON object. Otherwise it is a line of text, or protobuf for <c>otlp</c>.</summary>
    bool IsJson { get; }

    /// <summary>
    /// Appends one event, without line feed; JSON and text never hold a line feed inside. The marks go where the format has a place for them (<c>docs/siem/formats.md</c>);
    /// <see cref="EventMarks.None"/> writes none of them: for a test event, an export, or a kind that carries the marks beside the event.
    /// </summary>
    void Write(CanonicalEvent value, in EventMarks marks, IBufferWriter<byte> output);
}
