using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Muniment.Delivery.Batches;
using Muniment.Delivery.Configuration;
using Muniment.Delivery.Kinds;
using Muniment.Delivery.Tests.Fakes;
using Muniment.Events;
using Muniment.Events.Canonical;

namespace Muniment.Delivery.Tests.Kinds;

/// <summary>Every kind in every format that it offers: the same bytes each time, marks on what is delivered, none on a test event.</summary>
public class KindFormatTests
{
    private const string Destination = "marked-destination";
    private static readonly byte[] s_leaf = [.. Enumerable.Repeat((byte)0xAB, 32)];
    private static readonly string s_leafHex = Convert.ToHexStringLower(s_leaf);

    public static TheoryData<string, string> Offers
    {
        get
        {
            TheoryData<string, string> offers = [];
            foreach (string kind in KindRegistry.Default.Names.Where(n => KindRegistry.Default.Find(n)!.Streams.Contains("activity"))) // the others carry no events
            {
                foreach (string format in KindRegistry.Default.Find(kind)!.Formats)
                {
                    offers.Add(kind, format);
                }
            }

            return offers;
        }
    }

    [Theory]
    [MemberData(nameof(Offers))]
    public void Renders_the_same_bytes_with_marks_and_a_test_event_without(string kindName, string format)
    {
        byte[] first = Render(kindName, format, n: 7);
        Assert.Equal(first, Render(kindName, format, n: 7));
        string text = Read(first);
        Assert.All((string[])[Destination, "log/acme", "command.execute", s_leafHex], word => Assert.Contains(word, text));
        foreach (string line in Encoding.UTF8.GetString(first).Split('\n').Select(l => l.Trim(',', ' ')).Where(l => l.StartsWith('{') && !kindName.StartsWith("otlp", StringComparison.Ordinal)))
        {
            // What a kind puts around or into a format's object must not repeat one of its names.
            using JsonDocument _ = JsonDocument.Parse(line, new JsonDocumentOptions { AllowDuplicateProperties = false });
        }

        string bare = Read(Render(kindName, format, n: -1));
        Assert.Contains("command.execute", bare);
        Assert.DoesNotContain(s_leafHex, bare); // the names may stand in an envelope all the same
    }

    /// <summary>As text, with what is in Base64 (Pub/Sub's data) decoded behind it.</summary>
    private static string Read(byte[] bytes)
    {
        string text = Encoding.UTF8.GetString(bytes);
        return text + string.Concat(Regex.Matches(text, "\"([A-Za-z0-9+/]{100,}={0,2})\"").Select(m => Encoding.UTF8.GetString(Convert.FromBase64String(m.Groups[1].Value))));
    }

    private static byte[] Render(string kindName, string format, long n)
    {
        IDestinationKind kind = KindRegistry.Default.Find(kindName)!;
        DestinationConfig config = new() { Id = Destination, Kind = kindName, Endpoint = "https://siem.example", Streams = StreamNames.Events, Format = format, Batch = kind.Batch };
        IEventRenderer renderer = kind.CreateRenderer(new RenderContext("log/acme", "acme", config, new CanonicalProjection(Fixtures.Tenant)));
        CanonicalEvent value = new()
        {
            Id = "0197f2a1-0000-7000-8000-000000000001", Seq = 5, TimeNs = 1_790_000_000_123_456_789, ReceivedNs = 1_790_000_000_223_456_789, Kind = EntryKind.Event, Stream = "activity",
            Actor = new ActorPart { Id = "agent", Type = "agent", User = "j@acme.example" }, Action = "command.execute", Target = "/srv", Result = "denied", Tool = new ToolPart { Name = "Bash", Command = "rm -rf /" },
            Source = new SourcePart { Receiver = "events" }, Details = "{\"a\":1}"u8.ToArray(),
        };
        StoredEvent stored = new(5, value.ReceivedNs, EntryKind.Event, default, default, default, default);
        using BatchBuffer buffer = new();
        renderer.Render(new OutgoingEvent(stored, value, value.Id, s_leaf, 2, n), buffer);
        return buffer.Written.ToArray();
    }
}
