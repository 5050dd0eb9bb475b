namespace Muniment.Events.Formats.Residue;

/// <summary>A set of <see cref="EventLeaf"/>: what a format has mapped.</summary>
internal readonly record struct LeafSet(UInt128 Bits)
{
    /// <summary>These leaves.</summary>
    public static LeafSet Of(params ReadOnlySpan<EventLeaf> leaves)
    {
        UInt128 bits = 0;
        foreach (EventLeaf leaf in leaves)
        {
            bits |= UInt128.One << (int)leaf;
        }

        return new LeafSet(bits);
    }

    /// <summary>Both together.</summary>
    public static LeafSet operator |(LeafSet left, LeafSet right) => new(left.Bits | right.Bits);

    /// <summary>One more.</summary>
    public LeafSet With(EventLeaf leaf) => new(Bits | UInt128.One << (int)leaf);

    /// <summary>Whether it is in.</summary>
    public bool Has(EventLeaf leaf) => (Bits >> (int)leaf & 1) != 0;
}
