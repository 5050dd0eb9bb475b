using System.Text;
using Google.Protobuf;
using Muniment.Events.Otlp;
using Muniment.Events.Tests.Otlp.Oracle;

namespace Muniment.Events.Tests.Otlp;

public class OtlpStringsTests
{
    private const string Secret = "hunter2";

    [Fact]
    public void Only_values_and_a_status_message_are_rewritten()
    {
        Span span = SpanWithSecretEverywhere();
        List<string> asked = [];
        ReadOnlyMemory<byte> written = OtlpStrings.ApplyToValues(span.ToByteArray(), EntryKind.Span, (name, value) =>
        {
            asked.Add(Encoding.UTF8.GetString(name));
            return Masked(value);
        });

        Span expected = span.Clone();
        expected.Attributes[0].Value.StringValue = "masked";
        expected.Attributes[1].Value.ArrayValue.Values[0].StringValue = "masked";
        expected.Attributes[1].Value.ArrayValue.Values[1].KvlistValue.Values[0].Value.StringValue = "masked";
        expected.Events[0].Attributes[0].Value.StringValue = "masked";
        expected.Links[0].Attributes[0].Value.StringValue = "masked";
        expected.Status.Message = "masked";
        Assert.Equal(expected, Span.Parser.ParseFrom(written.Span));
        Assert.Equal([Secret, "list", "inner", Secret, Secret, "message"], asked);
    }

    [Fact]
    public void A_body_is_a_value_and_the_texts_beside_it_are_not()
    {
        var log = new LogRecord { Body = new AnyValue { StringValue = Secret }, SeverityText = Secret, EventName = Secret, Attributes = { Samples.Attribute(Secret, Secret) } };
        LogRecord written = LogRecord.Parser.ParseFrom(OtlpStrings.ApplyToValues(log.ToByteArray(), EntryKind.Log, (_, value) => Masked(value)).Span);
        LogRecord expected = log.Clone();
        expected.Body.StringValue = "masked";
        expected.Attributes[0].Value.StringValue = "masked";
        Assert.Equal(expected, written);
    }

    [Fact]
    public void The_very_same_memory_comes_back_when_nothing_is_rewritten()
    {
        ReadOnlyMemory<byte> span = SpanWithSecretEverywhere().ToByteArray();
        Assert.True(span.Equals(OtlpStrings.ApplyToValues(span, EntryKind.Span, (_, _) => null)));
        ReadOnlyMemory<byte> log = Samples.Log().ToByteArray();
        Assert.True(log.Equals(OtlpStrings.ApplyToValues(log, EntryKind.Log, (_, _) => null)));
    }

    [Fact]
    public void Apply_rewrites_what_ApplyToValues_leaves()
    {
        Span span = SpanWithSecretEverywhere();
        var stored = new StoredEvent { Kind = EntryKind.Span, Record = span.ToByteArray() };
        Span written = Span.Parser.ParseFrom(OtlpStrings.Apply(stored, (_, value) => Masked(value)).Record.Span);
        Assert.Equal("masked", written.Name);
        Assert.Equal("masked", written.Attributes[0].Key);
        Assert.DoesNotContain(Secret, Encoding.UTF8.GetString(written.ToByteArray()));
    }

    private static string? Masked(ReadOnlySpan<byte> value) => Encoding.UTF8.GetString(value) == Secret ? "masked" : null;

    private static Span SpanWithSecretEverywhere() => new()
    {
        TraceId = ByteString.CopyFrom(Samples.TraceId), SpanId = ByteString.CopyFrom(Samples.SpanId), Name = Secret, TraceState = Secret,
        StartTimeUnixNano = Samples.TimeNs, EndTimeUnixNano = Samples.TimeNs + 5,
        Attributes =
        {
            Samples.Attribute(Secret, Secret),
            new KeyValue
            {
                Key = "list",
                Value = new AnyValue
                {
                    ArrayValue = new ArrayValue
                    {
                        Values = { new AnyValue { StringValue = Secret }, new AnyValue { KvlistValue = new KeyValueList { Values = { Samples.Attribute("inner", Secret) } } } },
                    },
                },
            },
            Samples.Attribute("number", 7),
        },
        Events = { new SpanEvent { Name = Secret, TimeUnixNano = Samples.TimeNs, Attributes = { Samples.Attribute(Secret, Secret) } } },
        Links = { new SpanLink { TraceId = ByteString.CopyFrom(Samples.TraceId), TraceState = Secret, Attributes = { Samples.Attribute(Secret, Secret) } } },
        Status = new Status { Code = StatusCode.Error, Message = Secret },
    };
}
