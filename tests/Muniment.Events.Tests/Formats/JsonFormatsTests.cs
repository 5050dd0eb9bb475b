using System.Text.Json;
using System.Text.Json.Nodes;
using Muniment.Events.Canonical;
using Muniment.Events.Formats;
using Muniment.Events.Tests.Formats.Support;

namespace Muniment.Events.Tests.Formats;

/// <summary>What holds for every format whose events are JSON objects.</summary>
public class JsonFormatsTests
{
    public static TheoryData<string> Names => [.. EventFormats.Json];

    [Theory]
    [MemberData(nameof(Names))]
    public void One_line_no_member_twice_no_value_lost(string format)
    {
        IEventFormat writer = EventFormats.Find(format)!;
        Assert.Equal((format, true), (writer.Name, writer.IsJson));
        foreach ((string name, CanonicalEvent e) in FormatEvents.All())
        {
            byte[] bytes = FormatEvents.Write(writer, e, FormatEvents.Marks(e));
            Assert.True(bytes.AsSpan().IndexOfAny((byte)'\n', (byte)'\r') < 0, name);
            JsonNode record = JsonNode.Parse(bytes, null, new JsonDocumentOptions { AllowDuplicateProperties = false })!;
            Assert.IsType<JsonObject>(record);
            if (format != "flat") // whose texts say less, by its nature
            {
                Losses.AssertNone(name, e, record);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_same_event_has_the_same_bytes(string format)
    {
        IEventFormat used = EventFormats.Find(format)!;
        foreach ((string name, CanonicalEvent e) in FormatEvents.HandMade().Concat(FormatEvents.HostileOnes()))
        {
            byte[] first = FormatEvents.Write(used, e, FormatEvents.Marks(e)); // after many others
            Assert.True(first.AsSpan().SequenceEqual(FormatEvents.Write(EventFormats.Find(format)!, e, FormatEvents.Marks(e))), name);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Marks_are_there_when_asked_for_and_not_otherwise(string format)
    {
        CanonicalEvent e = FormatEvents.Make(FormatEvents.Full("tool.execute", "success", null), "activity", 77);
        string marked = System.Text.Encoding.UTF8.GetString(FormatEvents.Write(EventFormats.Find(format)!, e, FormatEvents.Marks(e)));
        string bare = System.Text.Encoding.UTF8.GetString(FormatEvents.Write(EventFormats.Find(format)!, e, EventMarks.None));
        Assert.Contains("log.example/acme", marked);
        Assert.Contains("siem-1", marked);
        Assert.Contains("010203ab", marked);
        Assert.DoesNotContain("log.example/acme", bare);
        Assert.DoesNotContain("siem-1", bare);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Writing_allocates_nothing_that_lasts(string format)
    {
        IEventFormat writer = EventFormats.Find(format)!;
        CanonicalEvent e = FormatEvents.Make(FormatEvents.Full("model.invoke", "allowed", "low"), "activity", 1);
        EventMarks marks = FormatEvents.Marks(e);
        System.Buffers.ArrayBufferWriter<byte> output = new(1 << 16);
        long before = 0;
        const int Rounds = 200;
        for (int i = 0; i < 2 * Rounds; i++)
        {
            before = i == Rounds ? GC.GetAllocatedBytesForCurrentThread() : before; // the first half warms up
            output.ResetWrittenCount();
            writer.Write(e, marks, output);
        }

        long each = (GC.GetAllocatedBytesForCurrentThread() - before) / Rounds;
        Assert.True(each <= (format == "flat" ? 512 : 64), $"{each} bytes an event");
    }

    [Fact]
    public void Unknown_names_give_nothing() => Assert.Null(EventFormats.Find("xml"));
}
