using System.Buffers;
using System.Text;
using Google.Protobuf;
using Muniment.Events.Otlp;
using Muniment.Events.Tests.Otlp.Oracle;

namespace Muniment.Events.Tests.Otlp;

public class OtlpJsonTests
{
    [Fact]
    public void Protobuf_to_json_and_back_is_the_same_message()
    {
        foreach ((OtlpSignal signal, byte[] body, MessageParser parser) in Walk.All)
        {
            byte[] back = Transcode(signal, ToJson(signal, body));
            Assert.Equal(parser.ParseFrom(body), parser.ParseFrom(back));
            Assert.Null(Walk.Read(signal, back).Error);
        }
    }

    [Fact]
    public void The_oracle_reads_our_json()
    {
        ExportMetricsServiceRequest request = Samples.MetricsRequest();
        foreach (Metric metric in request.ResourceMetrics[0].ScopeMetrics[0].Metrics.Where(m => m.Sum is not null))
        {
            metric.Sum.DataPoints[0].Exemplars[0].SpanId = ByteString.Empty;
        }

        string json = Encoding.UTF8.GetString(ToJson(OtlpSignal.Metrics, request.ToByteArray()));
        Assert.Equal(request, JsonParser.Default.Parse<ExportMetricsServiceRequest>(json));
    }

    [Fact]
    public void We_read_the_oracles_json()
    {
        ExportMetricsServiceRequest request = Samples.MetricsRequest();
        request.ResourceMetrics[0].ScopeMetrics[0].Metrics[1].Sum.DataPoints[0].Exemplars.Clear();
        string json = new JsonFormatter(JsonFormatter.Settings.Default.WithFormatEnumsAsIntegers(true)).Format(request);
        Assert.Equal(request, ExportMetricsServiceRequest.Parser.ParseFrom(Transcode(OtlpSignal.Metrics, Encoding.UTF8.GetBytes(json))));
    }

    [Theory]
    [InlineData("""{"intValue":5}""", 5L)]
    [InlineData("""{"intValue":"9007199254740993"}""", 9007199254740993L)]
    [InlineData("""{"intValue":9007199254740993}""", 9007199254740993L)]
    [InlineData("""{"intValue":"-9223372036854775808"}""", long.MinValue)]
    [InlineData("""{"intValue":1e3}""", 1000L)]
    [InlineData("""{"intValue":"\u0031\u0032"}""", 12L)]
    [InlineData("""{"intValue":0}""", 0L)]
    [InlineData("""{"stringValue":null,"intValue":7}""", 7L)]
    public void Integers_come_as_numbers_or_strings_and_stay_exact(string value, long expected) => Assert.Equal(expected, Body(value).IntValue);

    [Theory]
    [InlineData("NaN", double.NaN)]
    [InlineData("Infinity", double.PositiveInfinity)]
    [InlineData("-Infinity", double.NegativeInfinity)]
    [InlineData("1.5e-3", 0.0015)]
    [InlineData("-0", -0.0)]
    public void Doubles_may_be_strings(string text, double expected) => Assert.Equal(expected, Body($$"""{"doubleValue":"{{text}}"}""").DoubleValue);

    [Theory]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("""{"stringValue":null}""")]
    [InlineData("""{"someday":{"a":[1,{}]}}""")]
    public void Empty_values_are_read(string value) => Assert.Equal(AnyValue.ValueOneofCase.None, Body(value)?.ValueCase ?? AnyValue.ValueOneofCase.None);

    [Fact]
    public void Dialects_are_read()
    {
        LogRecord record = Record("""
            {"timeUnixNano":"0","observedTimeUnixNano":1795247064635823533,"severityNumber":5,"body":null,"attributes":[{"key":"a","value":null},{"key":"b"},{"key":"é\u00e9\ud83d\ude00","value":{"arrayValue":{"values":[null,{},{"kvlistValue":{"values":[]}}]}}}],
             "droppedAttributesCount":0,"flags":0,"traceId":"","spanId":"EEE19b7EC3C1B174","eventName":"event x.rs:1","futureField":{"deep":[[[]]]}}
            """);
        Assert.Equal(1795247064635823533UL, record.ObservedTimeUnixNano);
        Assert.Equal((0UL, 0, "EEE19B7EC3C1B174"), (record.TimeUnixNano, record.TraceId.Length, Convert.ToHexString(record.SpanId.Span)));
        Assert.Equal("éé😀", record.Attributes[2].Key);
        Assert.Equal(3, record.Attributes[2].Value.ArrayValue.Values.Count);
        Assert.Null(record.Body);
    }

    [Theory]
    [InlineData("AQL/+w==")]
    [InlineData("AQL/+w")]
    [InlineData("AQL_-w==")]
    [InlineData("AQL_-w")]
    public void Base64_may_be_url_safe_and_unpadded(string text) => Assert.Equal([1, 2, 255, 251], Body($$"""{"bytesValue":"{{text}}"}""").BytesValue.ToByteArray());

    [Theory]
    [InlineData("""{"body":{"intValue":"9223372036854775808"}}""", "body.intValue", "whole number from")]
    [InlineData("""{"body":{"intValue":1.5}}""", "body.intValue", "whole number")]
    [InlineData("""{"body":{"intValue":""}}""", "body.intValue", "whole number")]
    [InlineData("""{"body":{"intValue":true}}""", "body.intValue", "a number")]
    [InlineData("""{"body":{"doubleValue":1e400}}""", "body.doubleValue", "a number")]
    [InlineData("""{"body":{"boolValue":"true"}}""", "body.boolValue", "true or false")]
    [InlineData("""{"body":{"stringValue":5}}""", "body.stringValue", "a string")]
    [InlineData("""{"body":{"stringValue":"a","intValue":1}}""", "body.intValue", "only one value")]
    [InlineData("""{"body":{"bytesValue":"*"}}""", "body.bytesValue", "base64")]
    [InlineData("""{"body":{"stringValue":"\ud800"}}""", "body.stringValue", "surrogate")]
    [InlineData("""{"body":{"stringValue":"\udc00\ud800"}}""", "body.stringValue", "surrogate")]
    [InlineData("""{"body":{"stringValue":"\ud83dx"}}""", "body.stringValue", "surrogate")]
    [InlineData("""{"attributes":[{"key":"a"},{"key":"b","key":"c"}]}""", "attributes[1].key", "twice")]
    [InlineData("""{"attributes":[{"key":"a"},5]}""", "attributes[1]", "an object")]
    [InlineData("""{"attributes":{}}""", "attributes", "an array")]
    [InlineData("""{"severityNumber":"SEVERITY_NUMBER_INFO"}""", "severityNumber", "names of enum")]
    [InlineData("""{"timeUnixNano":-1}""", "timeUnixNano", "from 0 to 18446744073709551615")]
    [InlineData("""{"flags":4294967296}""", "flags", "from 0 to 4294967295")]
    [InlineData("""{"traceId":"5b8"}""", "traceId", "hex")]
    [InlineData("""{"traceId":"zz"}""", "traceId", "hex")]
    [InlineData("""{"time_unix_nano":"1"}""", "", "'timeUnixNano'")]
    [InlineData("""{"body":{"stringValue":"x"}""", "body", "well-formed")]
    [InlineData("""{"body":{"stringValue":"x",}}""", "body", "well-formed")]
    public void A_fault_names_its_member(string record, string path, string reason)
    {
        Assert.False(OtlpJson.TryTranscode(OtlpSignal.Logs, Encoding.UTF8.GetBytes(Request(record)), out _, out OtlpError? error));
        Assert.StartsWith(("resourceLogs[0].scopeLogs[0].logRecords[0]." + path).TrimEnd('.'), error.Path + (error.Reason.Contains("well-formed") ? "." + path : ""));
        Assert.Contains(reason, error.Reason);
    }

    [Fact]
    public void Bytes_that_are_no_utf8_are_refused_with_their_offset()
    {
        byte[] json = [.. "{\"x\":\""u8, 0xc3, 0x28, .. "\"}"u8];
        Assert.False(OtlpJson.TryTranscode(OtlpSignal.Logs, json, out _, out OtlpError? error));
        Assert.Equal((6, "the body is not valid UTF-8"), (error.OffsetBytes, error.Reason));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{} {}")]
    [InlineData("\ufeff{}")]
    [InlineData("{\"resourceLogs\":[}")]
    public void What_is_no_object_is_refused(string json) => Assert.False(OtlpJson.TryTranscode(OtlpSignal.Logs, Encoding.UTF8.GetBytes(json), out _, out _));

    [Fact]
    public void Nesting_is_bounded_as_in_protobuf()
    {
        string Deep(int levels) => Request("{\"body\":" + string.Concat(Enumerable.Repeat("{\"arrayValue\":{\"values\":[", levels - 1)) + "{}" + string.Concat(Enumerable.Repeat("]}}", levels - 1)) + "}");
        int max = OtlpLimits.Default.MaxValueDepth;
        Assert.Null(Walk.Read(OtlpSignal.Logs, Transcode(OtlpSignal.Logs, Encoding.UTF8.GetBytes(Deep(max)))).Error);
        Assert.False(OtlpJson.TryTranscode(OtlpSignal.Logs, Encoding.UTF8.GetBytes(Deep(max + 1)), out _, out OtlpError? error));
        Assert.Contains("nested", error.Reason);
        Assert.False(OtlpJson.TryTranscode(OtlpSignal.Logs, Encoding.UTF8.GetBytes("{\"x\":" + new string('[', 10_000) + new string(']', 10_000) + "}"), out _, out error));
        Assert.Contains("nested", error.Reason);
    }

    [Fact]
    public void Truncated_at_every_byte_it_is_refused()
    {
        byte[] json = ToJson(OtlpSignal.Logs, Samples.Logs(1).ToByteArray());
        for (int length = 0; length < json.Length; length++)
        {
            Assert.False(OtlpJson.TryTranscode(OtlpSignal.Logs, json.AsSpan(0, length), out _, out OtlpError? error));
            Assert.InRange(error.OffsetBytes, 0, length);
        }
    }

    [Fact]
    public void Mutations_never_throw_and_what_is_accepted_is_valid_protobuf()
    {
        var random = new Random(4318);
        int accepted = 0;
        foreach ((OtlpSignal signal, byte[] body, MessageParser parser) in Walk.All)
        {
            byte[] json = ToJson(signal, body);
            for (int round = 0; round < 3000; round++)
            {
                if (OtlpJson.TryTranscode(signal, OtlpRequestReaderTests.Mutate(json, random), out ReadOnlyMemory<byte> protobuf, out _))
                {
                    accepted++;
                    parser.ParseFrom(protobuf.Span);
                    Assert.Null(Walk.Read(signal, protobuf.ToArray()).Error);
                }
            }
        }

        Assert.True(accepted > 200, $"{accepted} accepted");
    }

    private static string Request(string record) => $$"""{"resourceLogs":[{"scopeLogs":[{"logRecords":[{{record}}]}]}]}""";

    private static LogRecord Record(string record) =>
        ExportLogsServiceRequest.Parser.ParseFrom(Transcode(OtlpSignal.Logs, Encoding.UTF8.GetBytes(Request(record)))).ResourceLogs[0].ScopeLogs[0].LogRecords[0];

    private static AnyValue Body(string value) => Record($$"""{"body":{{value}}}""").Body;

    internal static byte[] Transcode(OtlpSignal signal, byte[] json)
    {
        bool read = OtlpJson.TryTranscode(signal, json, out ReadOnlyMemory<byte> protobuf, out OtlpError? error);
        Assert.True(read, error?.ToString());
        return protobuf.ToArray();
    }

    internal static byte[] ToJson(OtlpSignal signal, byte[] protobuf)
    {
        var json = new ArrayBufferWriter<byte>();
        OtlpWriter.WriteJson(signal, protobuf, json);
        return json.WrittenSpan.ToArray();
    }
}
