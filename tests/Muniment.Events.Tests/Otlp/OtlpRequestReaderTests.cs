using Google.Protobuf;
using Muniment.Events.Otlp;
using Muniment.Events.Tests.Otlp.Oracle;

namespace Muniment.Events.Tests.Otlp;

public class OtlpRequestReaderTests
{
    [Fact]
    public void Yields_every_log_with_its_resource_and_scope()
    {
        ExportLogsServiceRequest request = Samples.Logs();
        (List<Walk.Entry> entries, OtlpError? error) = Walk.Read(OtlpSignal.Logs, request.ToByteArray());

        Assert.Null(error);
        var expected = request.ResourceLogs.SelectMany(group => group.ScopeLogs.SelectMany(scope => scope.LogRecords.Select(record => (group, scope, record)))).ToList();
        Assert.Equal(expected.Count, entries.Count);
        foreach (((ResourceLogs group, ScopeLogs scope, LogRecord record), Walk.Entry entry) in expected.Zip(entries))
        {
            Assert.Equal(record, LogRecord.Parser.ParseFrom(entry.Stored.Record.Span));
            ResourceLogs gotGroup = ResourceLogs.Parser.ParseFrom(entry.Stored.Resource.Span);
            Assert.Equal((group.Resource, group.SchemaUrl, 0), (gotGroup.Resource, gotGroup.SchemaUrl, gotGroup.ScopeLogs.Count));
            ScopeLogs gotScope = ScopeLogs.Parser.ParseFrom(entry.Stored.Scope.Span);
            Assert.Equal((scope.Scope, scope.SchemaUrl, 0), (gotScope.Scope, gotScope.SchemaUrl, gotScope.LogRecords.Count));
            Assert.Null(entry.Cut);
        }
    }

    [Fact]
    public void Truncated_at_every_byte_it_refuses_or_reads_a_prefix_that_the_oracle_reads_too()
    {
        foreach ((OtlpSignal signal, byte[] body, MessageParser parser) in Walk.All)
        {
            for (int length = 0; length < body.Length; length++)
            {
                (_, OtlpError? error) = Walk.Read(signal, body[..length]);
                if (error is null)
                {
                    parser.ParseFrom(body, 0, length);
                }
                else
                {
                    Assert.Throws<InvalidProtocolBufferException>(() => parser.ParseFrom(body, 0, length));
                    Assert.InRange(error.OffsetBytes, 0, length);
                }
            }
        }
    }
}
