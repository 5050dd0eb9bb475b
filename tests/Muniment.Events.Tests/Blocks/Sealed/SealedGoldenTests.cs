using System.Text;
using Muniment.Events.Blocks;
using Muniment.Events.Blocks.Sealed;

namespace Muniment.Events.Tests.Blocks.Sealed;

/// <summary>Sealed blocks as they were written when the format was fixed. If this fails, sealed journals can no longer be read. They are never updated.</summary>
public sealed class SealedGoldenTests
{
    private const string Payload =
        "020000280000000100000000000003e80000000000000007000000000000000801000000000000ba0000006294c4259c35325f488a8a0540010000000000011e000000bb57a5"
        + "fe6d794adf1d0ce1d589010000000000048f0000009d9ee868f637aa134e06fe47a501000000000002ef000001f95f115a4f4a6369cf04de72a83a4f6d4f8ba5d66e5400318f"
        + "5f73db048fe0051503c590fb829c42750881ba3f4c39902365dd7e0a516d58ab29c05eb56740e644e1c3f96ec2ec2611c902d88146d2367b960de16e324894ad11b6b1467db8"
        + "3f80a5ce0bab23425bbd649cf136db4280833cd3930d87a4bd8bbcdc90af15ec43d253aef31735a40386759f472ab459d745b3d7b0b86d771dd42484edc79212cf1aedbef183"
        + "c5d16b81f628f6c064bd160e18ceb969a2f837c8f89012d25776b7d658341e1949f416a1eba19aef47f31f403678e7f6dcf78852afa769ffa91eb8b86ef85f407dba83698f10"
        + "405bfaf59e3c4b61467ce03ca7769109f79d558e5b8c1fd8aecf181e192748a4caa98d85a99fb0fa0b4129824d79666b8744a36cf853d42e375c0e4b376f5267040aa0e8fe5e"
        + "6458c71a415a7c6a1d93849d8f5841a6878f35ff22f45579313c419da491a7365c5314e94c2612331b7f5ed9f142045c3f013d926ef46b12b40104be2b3196f602488dea84d2"
        + "59a220e28dc33b27e1e02c0959217cdd745c889571569d7181b76c86324c18648fe258f3ab8c5e56fd4e3e6340fc45037645a49b838cd08f449f70a9285bb209492c6ba79a16"
        + "6f32aef111d95d4e25e55c20caef90b45a80ce72fb24e76514f35dec636292e134ac503930860b1153ecd22a194f73558cd44e9b9348f67ce082f8c41aac2b3ed754bf287d61"
        + "a9b1ea49ee155b5edeef16eb824dec46783508032afff483eef955764600b98f3b74bc75fc42d185acce8dab1a6b9cb3bff1c9ed67df1888f3ee7b36d47809a7d3916aed17e6"
        + "f3825cfa1db324773467510502081fd28de8d930f04e7ab0b5f138aba79e9a61c8631e1c3b24497fd4953663ac4cc556a0ae3be7f908587ff6c46917d2770050eff49a842445"
        + "be328f14f504cf90860a7ee0544c1ac8a8da42aa4daaff42e6c8ae9be6b0dcdc52e5e0983623df083f724249b0393fb3d510add6fc86dfb5db5ed204c4040fa1de0c0abf9bad"
        + "780e00791cb8f70175b123800e511368adeb6091c0df8fcdd33b010e2725b10e358864b0a5cf7db61e117fb7a984f2fe08536cc71f39284e65f3c7b03fde468c92864dcea953"
        + "f6abae7d680e7ad97f8ceed9967806b3f7a4e075b55e06ead38e6af3a49b77335d5ace2e7ff17d5688d77c100fa1f48cc91c7679e75fbaafdbf40f11edf43c62df329d168aa7"
        + "f7bdc69491257e2f0cd1c6b32fc7c279be45e63fd68b28a9bdc5c2514ca22ca83d93fe893cff9ce6fe00286b16e5c5a870117e2ce11f5f6391eb5822edc205a02f575900ccef"
        + "42ae4a4807ca1fb9b893c528ff434a71425c3494736ac4471bb7ccaf54842da4c97de38ac2c4bccc6b87d682f30db2b494140847dd6af5388492612e03e4dffa7c83c2124793"
        + "45edde4fe883f771282aeb1178b686c629ccbd";

    // As blocks are written since texts lie in pieces.
    private const string PiecesPayload =
        "020000280000000100000000000003e80000000000000007000000000000000801000000000000ba0000006af6553a121ed03107c6a4ad07010000000000011e000000ba21cf"
        + "39b4a0976beffc4176080200000000000474000000b300000000000000000000000001000000000003490000021ca98692cd0b7a573ab17adbd1b87446243e654a77e41a50c4"
        + "8b16c9dcb458f2b2772e827f9b1baffe5eb254ce06150f21706c1092a0d658f407bac902178b4d19cb65f2c829d5f465a9cfd0653b5ee55cd607f4d61c675ba2d0baa26fd2ee"
        + "63d922f5c481ac7f4c51f0bf13045edd5e76e143718a80e979c32cec15a03eb42b0ebf4f7436b83b2fd0b88ed0a86f2a6346d26defdc63a4738552919248aae71538cf496b5a"
        + "4eb0f5636b1d1d4df868533636591161d55bb7a1e3589102a9d86b4356ca04a5834eac4bbda6b415a90fbc37d8fa5d379692c8adc1aeb674ebcb74a2afff1d1b102adb225be1"
        + "3a1cdfd60889bf81abde23d8952d593308dc72697036ac989a1f64944892e94572865b2e0bf451dc944fd83755d4919444d8c90352979a0b4a79e7012f8b83cde90e2e0df24f"
        + "c2ff136d503f0c5c472e80d4c8871daea7287b18cb27c14fcea0a0a97b04099c01000000000004740000008bdb2eec13439b7164dc490e7635bc7cabd14c5c9b3eacb689c47e"
        + "18a41f3f94e516de2d633d45e6813196d8a2c1dac93bf811ba34c9b80d73c4e9b7237c364e4bbdd3acc95c54ed026406948ec3cb1b6ebfb0542db448238aa996bffa24c8277d"
        + "8a27cf372a20ac9f05d45778edbaa11d3f1adc92435df9ee8b4cf0a57dd963fbff4fcd462038b40dafd114922d450eee45efb6b03d9f7f9ad037141c43eb2aa5fed5dd7a52fe"
        + "541482760bbccaee6cb8b7466629b02d51c462d57799d07cf9937588880a6aefc8990144df75d923045c1af301ccec2a0a6ed826f8e3559f84b1ef34129ce3a67fbeccc5a227"
        + "777399b946ade0ee343a049d3e140804a77bc6b40341ba74ea2b611251a393f1a2f33c2c6cab967f1681f79dee41546270dfd25e1801fe205cde76807955881475a17d5e488a"
        + "afb4875bbb30de51fda16e57b40a85e657a3d7826b406c4a85b6da9aa1890efa346aff844d1c59a5a1007d21e53364b94d770afaaa6413834e3b2a20e406a4a7a8bf35fe1cd5"
        + "2b32b1283e2f3e8097ce2941820a9a9db14e03b7d8897ecd9e47f511a7236e4cd40f67a73a79ad29664b769ca7454928ca10b3dcd4a600c2a775e7810d2b8ee7e9e39a109e20"
        + "a1d3c291863804b31a850b8ed2a340bccf551767341aef7fa6b2ee01228c6684b4f70410ea55bf116333d173c615f1deb0c89ba268619fffa202ced26b562a9e2aed715b9470"
        + "2c0b15751fa1fbfe6e78ce0c0cc63245d13c6df7bbc0d645851db520f1e2a063db57d4b934bdd7bd321799af634d0fb0d4b216f9aa893e9b144a2a2bb5aff10acef1d5aa1b4a"
        + "60fcad78b67dd8a7c128374a832be061f9ceb263c296c313c9a527b1b2f2dbba7c2a19a610db5e1216daf2d04877d534e4ddcccb7951f5ccedc7d52c3f7df50337853149d322"
        + "34d8a535e23aafecb13a58253ccfb237f410677a7321650f60e744b55ad003c84ea06913be0f88d81254c9017ba512848d3a643a929f8d9148844251398b8256005e2b";

    [Theory]
    [InlineData(Payload)]
    [InlineData(PiecesPayload)]
    public void TheseBytesDecode(string payload)
    {
        StoredEvent[] expected = Events();
        DecodedBlock block = new SealedBlockDecoder().Decode(Convert.FromHexString(payload), TenantId.Default, new FixedKeyring(), 1000);
        SegmentTests.Check(expected, block.Events, 1000);
        Assert.Equal([new NonceRange(1, new SegmentNonce(0x0102030405060708, 9), 5, 30), new NonceRange(2, new SegmentNonce(11, 12), 0, 10)], block.Ranges.ToArray());
    }

    [Fact]
    public void TheEventsUseEveryPartOfTheFormat()
    {
        byte[] payload = new SealedBlockEncoder().Encode(
            Events(), [new NonceRange(1, new SegmentNonce(0x0102030405060708, 9), 5, 30), new NonceRange(2, new SegmentNonce(11, 12), 0, 10)], 7, 8, FixedKeyring.Key(1));
        DecodedBlock block = new SealedBlockDecoder().Decode(payload, TenantId.Default, new FixedKeyring(), 1000);
        SegmentTests.Check(Events(), block.Events, 1000);
    }

    private static StoredEvent[] Events() => [.. Enumerable.Range(0, 40).Select(i => new StoredEvent(
        1000 + i,
        1_790_000_000_000_000_000 + (i / 10),
        i % 10 == 9 ? EntryKind.Span : i % 2 == 0 ? EntryKind.Event : EntryKind.Log,
        Encoding.UTF8.GetBytes(i < 20 ? "{}" : """{"receiver":"events"}"""),
        i % 2 == 0 ? default : (byte[])[0x0a, 0x00],
        i % 2 == 0 ? default : (byte[])[0x12, 0x01, (byte)'s'],
        Record(i)))];

    private static byte[] Record(int i)
    {
        if (i % 10 == 9)
        {
            // A number written longer than needed: kept whole.
            return [0x08, (byte)(0x80 | i), 0x00];
        }

        if (i % 2 == 0)
        {
            return Encoding.UTF8.GetBytes($$"""
                {"ts":"2026-11-21T10:00:{{i:00}}.000000{{i * 7 % 1000:000}}Z","trace":{"session":"0f8fad5b-d9cb-469f-a165-7086772895{{i / 6:x2}}","span":"00112233445566{{i:x2}}"},
                "agent":"agent{{i / 12}}","cost":{{i}}.{{1 + (i % 9)}},"note":"words that differ from event to event, number {{i * 31}} of them","ok":true}
                """);
        }

        return
        [
            0x09, .. BitConverter.GetBytes(1_790_000_000_000_000_000L + (i * 1_000L)),
            0x59, .. BitConverter.GetBytes(1_790_000_000_000_500_000L + (i * 1_000L)),
            0x10, (byte)(i % 5), 0x45, 1, 2, 3, (byte)i,
            0x32, 0x0e, 0x0a, 0x01, (byte)'d', 0x12, 0x09, 0x21, .. BitConverter.GetBytes(i / 4.0),
            0x32, 0x0a, 0x0a, 0x01, (byte)'t', 0x12, 0x05, 0x0a, 0x03, (byte)'a', (byte)'b', (byte)('a' + (i % 3)),
            0x4a, 0x04, 9, 9, (byte)(i / 8), 9,
        ];
    }
}
