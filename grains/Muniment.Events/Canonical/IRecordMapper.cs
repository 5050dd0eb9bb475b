namespace Muniment.Events.Canonical;

/// <summary>Maps a raw OTLP record to canonical form. Pure and deterministic: the same bytes give the same event, at the door and at each read.</summary>
public interface IRecordMapper
{
    /// <summary>
    /// Fills <paramref name="target"/>, which has seq, received, kind and <c>ts = received</c>, from <paramref name="stored"/>: time, actor, action, result, trace,
    /// model, usage, tool, resource, details. Stream, source, ids and the key's user and project are laid over it afterwards.
    /// </summary>
    void Map(in StoredEvent stored, Envelope envelope, CanonicalEvent target);
}
