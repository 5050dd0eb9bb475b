using Muniment.Events.Hashing;

namespace Muniment.Events.Tests.Hashing;

public sealed class SipHashTests
{
    // Outputs of the authors' reference implementation (github.com/veorq/SipHash) for key 00..0f and input 00, 00 01, 00 01 02, …
    private static readonly ulong[] _expected13 =
    [
        0xc9f49bf37d57ca93, 0x82cb9b024dc7d44d, 0x8bf80ab8e7ddf7fb, 0xcf75576088d38328, 0xdef9d52f49533b67, 0xc50d2b50c59f22a7, 0xd3927d989bb11140, 0x369095118d299a8e,
        0x25a48eb36c063de4, 0x79de85ee92ff097f, 0x70c118c1f94dc352, 0x78a384b157b4d9a2, 0x306f760c1229ffa7, 0x605aa111c0f95d34, 0xd320d86d2a519956, 0xcc4fdd1a7d908b66,
        0x9cf2689063dbd80c, 0x8ffc389cb473e63e, 0xf21f9de58d297d1c, 0xc0dc2f46a6cce040, 0xb992abfe2b45f844, 0x7ffe7b9ba320872e, 0x525a0e7fdae6c123, 0xf464aeb267349c8c,
    ];

    private static readonly ulong[] _expected24 =
    [
        0x74f839c593dc67fd, 0x0d6c8009d9a94f5a, 0x85676696d7fb7e2d, 0xcf2794e0277187b7, 0x18765564cd99a68d, 0xcbc9466e58fee3ce, 0xab0200f58b01d137, 0x93f5f5799a932462,
        0x9e0082df0ba9e4b0, 0x7a5dbbc594ddb9f3, 0xf4b32f46226bada7, 0x751e8fbc860ee5fb, 0x14ea5627c0843d90, 0xf723ca908e7af2ee, 0xa129ca6149be45e5, 0x3f2acc7f57c29bdb,
    ];

    [Fact]
    public void OneThreeGivesThePublishedResults() => Check(_expected13, 1, 3);

    [Fact]
    public void TwoFourGivesThePublishedResults() => Check(_expected24, 2, 4);

    private static void Check(ulong[] expected, int compressRounds, int finalRounds)
    {
        byte[] input = [.. Enumerable.Range(0, 64).Select(i => (byte)i)];
        for (int length = 1; length <= expected.Length; length++)
        {
            ulong hash = SipHash.Hash(0x0706050403020100, 0x0f0e0d0c0b0a0908, input[0], input.AsSpan(1, length - 1), compressRounds, finalRounds);
            Assert.Equal(expected[length - 1], hash);
        }
    }
}
