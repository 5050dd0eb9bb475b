using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Muniment.Events;
using Muniment.Events.Canonical;
using Muniment.Events.Canonical.Writing;

namespace Muniment.Delivery.Batches;

/// <summary>The platform's own canonical reading and writing, with one JSON writer used again and again.</summary>
public sealed class CanonicalProjection(TenantId tenant, IRecordMapper? mapper = null) : IEventProjection
{
    private readonly EventReader _reader = new(tenant, mapper);
    private Utf8JsonWriter? _json;

    /// <inheritdoc/>
    public CanonicalEvent Read(in StoredEvent stored) => _reader.Read(stored);

    /// <inheritdoc/>
    public string IdOf(in StoredEvent stored) => stored.Kind == EntryKind.Event ? Read(stored).Id : EventIds.Compute(tenant, stored.Seq, stored.ReceivedNs);

    /// <inheritdoc/>
    public void WriteCanonical(CanonicalEvent value, IBufferWriter<byte> output)
    {
        CanonicalJsonWriter.Write(value, Writer(output));
        _json!.Flush();
    }

    /// <inheritdoc/>
    public void WriteFlat(CanonicalEvent value, IBufferWriter<byte> output)
    {
        CanonicalJsonWriter.WriteFlat(value, Writer(output));
        _json!.Flush();
    }

    private Utf8JsonWriter Writer(IBufferWriter<byte> output)
    {
        if (_json is null)
        {
            return _json = new Utf8JsonWriter(output, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true });
        }

        _json.Reset(output);
        return _json;
    }
}
