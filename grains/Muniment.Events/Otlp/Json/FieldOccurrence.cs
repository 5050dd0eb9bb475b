namespace Muniment.Events.Otlp.Json;

/// <summary>Where a field occurs in its message: offsets of the first and last tag.</summary>
internal struct FieldOccurrence
{
    public int First;
    public int Last;
    public int Count;
}
