namespace Muniment.Events.Mapping;

/// <summary>Takes the canonical text fields of one record, each at most once; empty text is never delivered.</summary>
internal interface IMappedTextSink
{
    void Take(MappedText field, scoped ReadOnlySpan<byte> utf8);
}
