using System.Text;
using Muniment.Events.Canonical;

namespace Muniment.Events.Tests.Canonical;

public sealed class EnvelopeCodecTests
{
    [Fact]
    public void EveryMemberComesBackAndTheBytesAreFixed()
    {
        var envelope = new Envelope
        {
            Stream = "activity", Key = "k", Receiver = "hec", Address = "::1", Dialect = "codex", Mapper = 3, Verified = ["user"], User = "ü", Project = "p",
            Cut = new Dictionary<string, int> { ["b"] = 2, ["a"] = 1 }, IdConflict = true, Imported = true,
        };
        byte[] bytes = EnvelopeCodec.Write(envelope);
        Assert.Equal("""{"stream":"activity","key":"k","receiver":"hec","address":"::1","dialect":"codex","mapper":3,"verified":["user"],"user":"ü","project":"p","cut":{"a":1,"b":2},"id_conflict":true,"imported":true}""",
            Encoding.UTF8.GetString(bytes));
        Envelope back = EnvelopeCodec.Read(bytes);
        Assert.Equal(bytes, EnvelopeCodec.Write(back));
        Assert.Equal(envelope with { Verified = back.Verified, Cut = back.Cut }, back);
    }

    [Fact]
    public void AbsentMembersAreLeftOutAndUnknownOnesPassedOver()
    {
        Assert.Equal("""{"receiver":"events","mapper":1}""", Encoding.UTF8.GetString(EnvelopeCodec.Write(new Envelope { Receiver = "events" })));
        Assert.Equal("events", EnvelopeCodec.Read("""{"new":{"a":[1]},"receiver":"events"}"""u8).Receiver);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("{\"receiver\":5}")]
    [InlineData("{\"receiver\":\"x\"")]
    public void BrokenBytesAreInvalidData(string json) => Assert.Throws<InvalidDataException>(() => EnvelopeCodec.Read(Encoding.UTF8.GetBytes(json)));
}
