namespace Muniment.Events.Terms;

/// <summary>Takes the index terms of one event after the other.</summary>
public interface ITermSink
{
    /// <summary>Takes one value of one field. Empty values are ignored.</summary>
    /// <param name="field">Which field.</param>
    /// <param name="value">UTF-8, exactly as it will be asked for; not kept.</param>
    void Add(TermField field, ReadOnlySpan<byte> value);
}
