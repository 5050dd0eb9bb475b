namespace Muniment.Events.Otlp;

/// <summary>
/// The fields of one record that the mapping reads, over the bytes of its resource and its record. Valid until the reader that made it moves on.
/// Hand it to <see cref="Mapping.OtlpTerms"/>; what each field means is decided in one place, <c>Mapping/OtlpMapping.cs</c>, for terms and mapper alike.
/// </summary>
public readonly ref struct OtlpFields
{
    private readonly ref readonly OtlpResourceFields _resourceFields;
    private readonly ref readonly OtlpRecordFields _recordFields;

    internal OtlpFields(
        EntryKind kind, long receivedNs, ReadOnlySpan<byte> resource, ReadOnlySpan<byte> record, ref readonly OtlpResourceFields resourceFields, ref readonly OtlpRecordFields recordFields)
    {
        Kind = kind;
        ReceivedNs = receivedNs;
        Resource = resource;
        Record = record;
        _resourceFields = ref resourceFields;
        _recordFields = ref recordFields;
    }

    /// <summary>Log, span or metric.</summary>
    public EntryKind Kind { get; }

    /// <summary>When the server took the record, Unix ns.</summary>
    public long ReceivedNs { get; }

    internal ReadOnlySpan<byte> Resource { get; }

    internal ReadOnlySpan<byte> Record { get; }

    internal ref readonly OtlpRecordFields Fields => ref _recordFields;

    /// <summary>The value of an attribute: the record's own, else its resource's; empty when neither has it.</summary>
    internal AnyValueView Attribute(OtlpKey key)
    {
        if (_recordFields.Slots.Has(key))
        {
            AnyValueView own = _recordFields.Slots.Read(key, Record);
            if (own.Kind != AnyKind.Empty && (own.Kind != AnyKind.String || own.Bytes.Length != 0))
            {
                return own;
            }
        }

        return _resourceFields.Slots.Has(key) ? _resourceFields.Slots.Read(key, Resource) : default;
    }

    /// <summary>Whether the record or its resource has any of these attributes, given as a mask of <see cref="Bit"/>s.</summary>
    internal bool HasAny(ulong mask) => ((_recordFields.Slots.Present | _resourceFields.Slots.Present) & mask) != 0;

    internal static ulong Bit(OtlpKey key) => 1UL << (int)key;

    /// <summary>Text of an attribute. Numbers are written into <paramref name="scratch"/>.</summary>
    internal ReadOnlySpan<byte> Text(Span<byte> scratch, OtlpKey key)
    {
        if (!HasAny(Bit(key)))
        {
            return default;
        }

        if (_recordFields.Slots.Has(key) && _recordFields.Slots.TryReadShortText(key, Record, out ReadOnlySpan<byte> text))
        {
            return text;
        }

        return Attribute(key).Text(scratch);
    }

    /// <summary>Text of the first of these attributes that has any.</summary>
    internal ReadOnlySpan<byte> Text(Span<byte> scratch, OtlpKey first, OtlpKey second)
    {
        ReadOnlySpan<byte> text = Text(scratch, first);
        return text.IsEmpty ? Text(scratch, second) : text;
    }

    internal ReadOnlySpan<byte> Text(Span<byte> scratch, OtlpKey first, OtlpKey second, OtlpKey third)
    {
        ReadOnlySpan<byte> text = Text(scratch, first, second);
        return text.IsEmpty ? Text(scratch, third) : text;
    }

    /// <summary>The first of these attributes that is a count of at least 0.</summary>
    internal long? Count(OtlpKey first, OtlpKey second) => Count(first) ?? Count(second);

    internal long? Count(OtlpKey key) => HasAny(Bit(key)) && Attribute(key).TryCount(out long count) && count >= 0 ? count : null;
}
