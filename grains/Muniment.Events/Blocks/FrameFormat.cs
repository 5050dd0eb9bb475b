namespace Muniment.Events.Blocks;

/// <summary>
/// First byte of everything that is encrypted under <see cref="Keys.TenantKeys.BlockKey"/>. It is authenticated with the rest of the header, so that no
/// frame can pass for one of another kind. Numbers are never used again.
/// </summary>
public static class FrameFormat
{
    /// <summary>A segment of a commit block, version 1.</summary>
    public const byte Segment = 0x01;

    /// <summary>A sealed block, version 1.</summary>
    public const byte Sealed = 0x02;

    /// <summary>A page of the term index, version 1.</summary>
    public const byte IndexPage = 0x03;

    /// <summary>A bloom filter of a sealed block, version 1.</summary>
    public const byte Bloom = 0x04;
}
