using Muniment.Events.Otlp.Wire;

namespace Muniment.Events.Otlp;

/// <summary>What one validation has counted, and where it stopped. Path segments are collected while the recursion unwinds, so a good request pays nothing.</summary>
internal sealed class Validation(OtlpLimits limits, bool jsonNames)
{
    private readonly List<string> _path = [];

    public OtlpLimits Limits => limits;

    public int Records { get; set; }

    /// <summary>A key of <see cref="LeakingAttributes"/> was met.</summary>
    public bool LeakFound { get; set; }

    public WireFault Fault { get; private set; }

    public int OffsetBytes { get; private set; }

    public bool Fail(WireFault fault, int offsetBytes)
    {
        Fault = fault;
        OffsetBytes = offsetBytes;
        return false;
    }

    public void Unwind(Schema.FieldSchema field, int index)
    {
        string name = jsonNames ? field.JsonName : field.Name;
        _path.Add(field.Repeated ? $"{name}[{index}]" : name);
    }

    public OtlpError ToError()
    {
        _path.Reverse();
        return new OtlpError(string.Join('.', _path), OffsetBytes, Fault switch
        {
            WireFault.Truncated => "the message ends in the middle of a value",
            WireFault.VarintTooLong => "a varint has more than 64 bits",
            WireFault.LengthBeyondEnd => "a length reaches beyond the end of its message",
            WireFault.BadTag => "expected a field tag",
            WireFault.Group => "groups are not part of OTLP",
            WireFault.WrongWireType => "the wire type is not that of this field",
            WireFault.InvalidUtf8 => "a string is not valid UTF-8",
            WireFault.RaggedPacked => "a packed list does not end with a whole value",
            WireFault.TooDeep => $"values are nested more than {limits.MaxValueDepth} levels deep",
            WireFault.TooManyAttributes => $"more than {limits.MaxAttributes} attributes in one list",
            WireFault.TooManyRecords => $"more than {limits.MaxRecords} records in one request",
            _ => "malformed",
        });
    }
}
