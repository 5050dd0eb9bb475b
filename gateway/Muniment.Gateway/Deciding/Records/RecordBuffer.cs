using System.Buffers;
using System.Collections.Concurrent;
using System.Text.Json;
using Muniment.Events.Canonical;

namespace Muniment.Gateway.Deciding.Records;

/// <summary>
/// Where one record is written before it goes into a segment. Beside the JSON it may hold the event as the parser would read it, as far as index and time bounds need it, so that nobody has to
/// parse what was written a moment ago. Used again; belongs to one owner from <see cref="Take"/> to <see cref="GiveBack"/>.
/// </summary>
internal sealed class RecordBuffer
{
    // Records are about 2 KB; what a record with evidence made grow is not kept.
    private const int UsualSizeBytes = 4 * 1024;
    private const int KeepSizeBytes = 64 * 1024;

    // Calls in flight have one each; what a burst needed beyond this is not kept.
    private const int MostFree = 128;

    private static readonly ConcurrentQueue<RecordBuffer> Free = new();

    private readonly ArrayBufferWriter<byte> _output = new(UsualSizeBytes);
    private readonly Utf8JsonWriter _json;

    private RecordBuffer() => _json = new Utf8JsonWriter(_output, JsonText.Compact);

    /// <summary>Writes the record; flush it with <see cref="Finish"/>.</summary>
    public Utf8JsonWriter Json => _json;

    /// <summary>The record, once finished. Void after <see cref="GiveBack"/>.</summary>
    public ReadOnlyMemory<byte> Written => _output.WrittenMemory;

    /// <summary>The event; null when the JSON must be read to know it.</summary>
    public CanonicalEvent? Event { get; set; }

    /// <summary>Bytes of the record so far.</summary>
    public int Length => (int)(_json.BytesCommitted + _json.BytesPending);

    /// <summary>An empty one.</summary>
    public static RecordBuffer Take() => Free.TryDequeue(out RecordBuffer? buffer) ? buffer : new RecordBuffer();

    /// <summary>Ends the record.</summary>
    public void Finish() => _json.Flush();

    /// <summary>Makes room for the next one. One that an exception left half written is better not given back.</summary>
    public void GiveBack()
    {
        if (_output.Capacity > KeepSizeBytes || Free.Count >= MostFree)
        {
            return;
        }

        _output.ResetWrittenCount();
        _json.Reset();
        Event = null;
        Free.Enqueue(this);
    }
}
