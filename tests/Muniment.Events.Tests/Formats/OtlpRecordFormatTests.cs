using System.Text.Json.Nodes;
using Muniment.Events.Canonical;
using Muniment.Events.Formats;
using Muniment.Events.Tests.Formats.Support;
using Muniment.Events.Tests.Otlp.Oracle;

namespace Muniment.Events.Tests.Formats;

/// <summary>Events as log records, read by the official schema's classes.</summary>
public class OtlpRecordFormatTests
{
    [Fact]
    public void Every_event_is_a_log_record_and_no_value_is_lost()
    {
        IEventFormat writer = EventFormats.Find("otlp")!;
        foreach ((string name, CanonicalEvent e) in FormatEvents.All())
        {
            LogRecord record = LogRecord.Parser.ParseFrom(FormatEvents.Write(writer, e, FormatEvents.Marks(e)));
            Assert.Equal(((ulong)e.TimeNs, (ulong)e.ReceivedNs, e.Action), (record.TimeUnixNano, record.ObservedTimeUnixNano, record.EventName));
            JsonObject tree = [];
            foreach (KeyValue attribute in record.Attributes)
            {
                Assert.False(tree.ContainsKey(attribute.Key), $"{name}: {attribute.Key} twice");
                tree[attribute.Key] = attribute.Value.ValueCase switch
                {
                    AnyValue.ValueOneofCase.IntValue => attribute.Value.IntValue,
                    AnyValue.ValueOneofCase.DoubleValue => attribute.Value.DoubleValue,
                    AnyValue.ValueOneofCase.BoolValue => attribute.Value.BoolValue,
                    _ => attribute.Value.StringValue,
                };
            }

            Assert.Equal(("log.example/acme", "siem-1", e.Seq, e.Id), ((string?)tree["muniment.origin"], (string?)tree["muniment.destination"], (long)tree["muniment.seq"]!, (string?)tree["muniment.event_id"]));
            Losses.AssertNone(name, e, tree);
        }
    }

    [Fact]
    public void Fields_have_their_dotted_names_and_types()
    {
        CanonicalEvent e = FormatEvents.Make(FormatEvents.Full("model.invoke", "denied", "high"), "decision", 4);
        LogRecord record = LogRecord.Parser.ParseFrom(FormatEvents.Write(EventFormats.Find("otlp")!, e, EventMarks.None));
        Dictionary<string, AnyValue> attributes = record.Attributes.ToDictionary(a => a.Key, a => a.Value);
        Assert.Equal(("j.patel@acme.example", 1201L, 1234.5, true), (attributes["actor.user"].StringValue, attributes["usage.input"].IntValue, attributes["tool.duration_ms"].DoubleValue, attributes["tool.success"].BoolValue));
        Assert.Equal(("0.012345", "dec-77", 2L), (attributes["usage.cost.amount"].StringValue, attributes["decision.id"].StringValue, attributes["decision.detectors.EMAIL"].IntValue));
        Assert.Equal("403", JsonNode.Parse(attributes["details"].StringValue)!["attributes"]!["http.response.status_code"]!.ToString());
        Assert.Equal((16, 8, "WARN"), (record.TraceId.Length, record.SpanId.Length, record.SeverityText));
        Assert.StartsWith("j.patel@acme.example model.invoke /srv/repo/src/Program.cs denied", record.Body.StringValue);
        Assert.False(attributes.ContainsKey("muniment.origin"));
    }

    [Fact]
    public void Another_format_is_the_body_and_the_marks_are_attributes()
    {
        CanonicalEvent e = FormatEvents.Make(FormatEvents.Full("model.invoke", "denied", "high"), "decision", 4);
        LogRecord record = LogRecord.Parser.ParseFrom(FormatEvents.Write(EventFormats.OtlpAround(EventFormats.Find("ocsf")!), e, FormatEvents.Marks(e)));
        Assert.Equal(6003, (int)JsonNode.Parse(record.Body.StringValue)!["class_uid"]!);
        Assert.Null(JsonNode.Parse(record.Body.StringValue)!["unmapped"]!["muniment"]);
        Assert.Equal(["muniment.event_id", "muniment.origin", "muniment.seq", "muniment.leaf", "muniment.destination", "muniment.epoch", "muniment.n"], record.Attributes.Select(a => a.Key));
    }
}
