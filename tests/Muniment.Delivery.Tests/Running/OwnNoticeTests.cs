using System.Text;
using Muniment.Delivery.Batches;
using Muniment.Delivery.Configuration;
using Muniment.Delivery.Tests.Fakes;
using Muniment.Events;
using Muniment.Events.Canonical;

namespace Muniment.Delivery.Tests.Running;

/// <summary>That a destination is held is told to the others and not to itself, and only where the platform says it.</summary>
public sealed class OwnNoticeTests
{
    [Theory]
    [InlineData("destination.pause", "d", "platform", Selected.Stream)]
    [InlineData("destination.resume", "d", "platform", Selected.Stream)]
    [InlineData("destination.expire", "d", "platform", Selected.Yes)]
    [InlineData("destination.pause", "other", "platform", Selected.Yes)]
    [InlineData("destination.pause", "d", "events", Selected.Yes)]
    public void A_destination_does_not_get_the_notices_of_its_own_holds(string action, string target, string receiver, Selected expected)
    {
        DestinationConfig config = Fixtures.Hec(""","streams":["system"]""");
        StoredEvent stored = new(1, 1_772_000_000_000_000_000, EntryKind.Event, EnvelopeCodec.Write(new Envelope { Stream = "system", Receiver = receiver }), default, default,
            Encoding.UTF8.GetBytes($$"""{"actor":"muniment","action":"{{action}}","target":"{{target}}","result":"info"}"""));
        CanonicalEvent? read = null;
        Assert.Equal(expected, new EventSelection(config, new Fixtures.FieldEquals()).Test(stored, new CanonicalProjection(Fixtures.Tenant), ref read));
    }
}
