using System.Buffers;
using System.Text;
using Google.Protobuf;
using Muniment.Events.Otlp;
using Muniment.Events.Tests.Otlp.Oracle;

namespace Muniment.Events.Tests.Otlp;

public class OtlpWriterTests
{
    [Fact]
    public void What_was_read_is_written_again()
    {
        foreach ((OtlpSignal signal, byte[] body, MessageParser parser) in Walk.All)
        {
            StoredEvent[] events = [.. Walk.Read(signal, body).Entries.Select(entry => entry.Stored)];
            byte[] written = Write(signal, events);
            Assert.Equal(parser.ParseFrom(body), parser.ParseFrom(written));
            var json = new ArrayBufferWriter<byte>();
            OtlpWriter.WriteJson(signal, events, json);
            Assert.Equal(parser.ParseFrom(body), parser.ParseFrom(OtlpJsonTests.Transcode(signal, json.WrittenSpan.ToArray())));
        }
    }

    [Fact]
    public void Neighbours_share_their_group_and_order_is_kept()
    {
        StoredEvent[] all = [.. Walk.Read(OtlpSignal.Logs, Samples.Logs(2).ToByteArray()).Entries.Select(entry => entry.Stored)];
        StoredEvent first = all[0], other = all[^1];
        ExportLogsServiceRequest written = ExportLogsServiceRequest.Parser.ParseFrom(Write(OtlpSignal.Logs, [first, first, other, first]));
        Assert.Equal([2, 1, 1], written.ResourceLogs.Select(group => group.ScopeLogs.Single().LogRecords.Count));
    }

    [Fact]
    public void Another_kind_is_refused() =>
        Assert.Throws<ArgumentException>(() => Write(OtlpSignal.Traces, [Walk.Read(OtlpSignal.Logs, Walk.All[0].Body).Entries[0].Stored]));

    [Fact]
    public void Answers_in_protobuf_are_the_oracles()
    {
        Assert.Empty(OtlpResponses.Success(OtlpSignal.Logs, OtlpEncoding.Protobuf));
        ExportLogsPartialSuccess partial = ExportLogsServiceResponse.Parser.ParseFrom(OtlpResponses.Success(OtlpSignal.Logs, OtlpEncoding.Protobuf, 3, "née")).PartialSuccess;
        Assert.Equal((3, "née"), (partial.RejectedLogRecords, partial.ErrorMessage));
        RpcStatus status = RpcStatus.Parser.ParseFrom(OtlpResponses.Status(OtlpEncoding.Protobuf, 14, "busy", TimeSpan.FromMilliseconds(1500)));
        Assert.Equal((14, "busy", "type.googleapis.com/google.rpc.RetryInfo"), (status.Code, status.Message, status.Details.Single().TypeUrl));
        Assert.Equal(new RpcDuration { Seconds = 1, Nanos = 500_000_000 }, RpcRetryInfo.Parser.ParseFrom(status.Details[0].Value).RetryDelay);
    }

    [Fact]
    public void Answers_in_json_are_the_specifications()
    {
        Assert.Equal("{}", Encoding.UTF8.GetString(OtlpResponses.Success(OtlpSignal.Traces, OtlpEncoding.Json)));
        Assert.Equal("""{"partialSuccess":{"rejectedSpans":"2","errorMessage":"why"}}""", Encoding.UTF8.GetString(OtlpResponses.Success(OtlpSignal.Traces, OtlpEncoding.Json, 2, "why")));
        Assert.Equal(
            """{"code":14,"message":"busy","details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"1.5s"}]}""",
            Encoding.UTF8.GetString(OtlpResponses.Status(OtlpEncoding.Json, 14, "busy", TimeSpan.FromMilliseconds(1500))));
    }

    private static byte[] Write(OtlpSignal signal, StoredEvent[] events)
    {
        var target = new ArrayBufferWriter<byte>();
        OtlpWriter.WriteProtobuf(signal, events, target);
        return target.WrittenSpan.ToArray();
    }
}
