using System.Security.Cryptography;
using Muniment.Events.Blocks;

namespace Muniment.Events.Tests.Blocks;

/// <summary>Fixed bytes: if one of these fails, stored journals can no longer be read or proven. They are never updated.</summary>
public sealed class SegmentGoldenTests
{
    private const string Payload =
        "0100000200000001a0a1a2a3a4a5a6a7a8a9aaab00000000000000480000004868ab02a4f14e3d06ff109e05487c4125d923bba348b1b2872f56587ca2b98e9c44fe6d78098a"
        + "7909582bf2832f14974bcae6a53c252181f12e7a906e8cf7e67ab1d973fc8a6cb77a5ef0c30b774063469567eb8c5f2e9b84";
    private const string Leaves = "76efb8864db331d2f8d64a6a7dac91ccc1cbbcf8f5693fea5d584eeaf249962b3479fd92192965dd7ea1229892035b084b90ad0d4e6e3563a3ca4622fd0b5b06";

    [Fact]
    public void EncodingGivesTheseBytes()
    {
        Segment segment = Make();
        Assert.Equal(Payload, Convert.ToHexStringLower(segment.Payload.Span));
        Assert.Equal(Leaves, Convert.ToHexStringLower(segment.Leaves.Span));
        Assert.Equal("0000000000050123456789ab", Convert.ToHexStringLower(segment.Terms.Span));
    }

    [Fact]
    public void TheseBytesDecode()
    {
        DecodedBlock block = new SegmentDecoder().Decode(Convert.FromHexString(Payload), TenantId.Default, new FixedKeyring(), 41);
        Assert.Equal((41L, 1_790_000_000_123_456_789L, EntryKind.Event), (block.Events[0].Seq, block.Events[0].ReceivedNs, block.Events[0].Kind));
        Assert.Equal("""{"action":"a"}"""u8.ToArray(), block.Events[0].Record.ToArray());
        Assert.Equal([0x0a, 0x00], block.Events[1].Resource.ToArray());
        byte[] leaves = new byte[64];
        new LeafHasher().Hash(block.Events.AsSpan(), block.Ranges.AsSpan(), TenantId.Default, new FixedKeyring(), leaves);
        Assert.Equal(Leaves, Convert.ToHexStringLower(leaves));
    }

    // A compressor of another version may choose other bytes, so what is fixed is that these decompress.
    [Fact]
    public void ACompressedSegmentDecodes()
    {
        DecodedBlock block = new SegmentDecoder().Decode(Convert.FromHexString(Compressed), TenantId.Default, new FixedKeyring(), 0);
        Assert.Equal(64, block.Events.Length);
        byte[] leaves = new byte[64 * 32];
        new LeafHasher().Hash(block.Events.AsSpan(), block.Ranges.AsSpan(), TenantId.Default, new FixedKeyring(), leaves);
        Assert.Equal(CompressedLeavesDigest, Convert.ToHexStringLower(SHA256.HashData(leaves)));
    }

    private const string Compressed =
        "0101004000000001a0a1a2a3a4a5a6a7a8a9aaab00000000000013a000000125f7b350205aaa5ab905ef1857c99221b8611470bfda42320cf7b4953351848cc07bcf0a7f5cf8"
        + "2e606a63c6f0265f45b1763db225c1ef1710e8946ed0fec40072a7db64893874262b3c9a34b411b46058e64360c00dba5d889acbc5f5dbb3534a3515c60056e6ebdce3fd512b"
        + "5d3cf6b97241376012ee610fddd9a12adc12cf24b6b6bcdd183a025fcf57578357a7aa89cd9228884aa03e14c79077faee283a5defc16a3120e4c2f72c8ec3fc51cb47829bea"
        + "9350b138d3b4dcc17084b56fd3996dad19b69e226c4e0c0e895772eb483dc0b782a202935b0dd4bd20a2100e87d8955841c3fb5dd5afbd04c3d91c003192eb2747a903ee54b1"
        + "71deca9e939bb07563fbe7cde042905544334785f066d68531c6365a2c324bd72fd7f373799106333999b1ac7e9e012567ed1e673d20f61c19be949ca9";
    private const string CompressedLeavesDigest = "3c457838a108a2321501ff87423a3833cda4c0051ef15adf9e1c155932d1cf76";

    private static Segment Make()
    {
        using var encoder = new SegmentEncoder();
        encoder.Begin(FixedKeyring.Key(1), 1_790_000_000_123_456_789);
        int envelope = encoder.AddEnvelope("""{"receiver":"events","mapper":1}"""u8);
        encoder.Add(EntryKind.Event, envelope, -1, -1, """{"action":"a"}"""u8, 5);
        encoder.Add(EntryKind.Log, envelope, encoder.AddResource([0x0a, 0x00]), encoder.AddScope([]), [0x10, 0x09], 6);
        encoder.AddTerm(0x0123456789ab);
        encoder.AddTerm(5);
        encoder.AddTerm(0x0123456789ab);
        return encoder.Finish(SegmentNonce.Read([0xa0, 0xa1, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6, 0xa7, 0xa8, 0xa9, 0xaa, 0xab]));
    }
}
