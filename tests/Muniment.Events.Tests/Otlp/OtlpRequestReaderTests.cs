using Google.Protobuf;
using Muniment.Events.Canonical;
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

    /// <summary>Flipped, inserted, removed and repeated bytes: no exception, no over-read, and nothing accepted that the oracle refuses.</summary>
    [Fact]
    public void Whatever_it_accepts_the_oracle_accepts_too()
    {
        var random = new Random(20261121);
        int accepted = 0, refused = 0;
        foreach ((OtlpSignal signal, byte[] body, MessageParser parser) in Walk.All)
        {
            for (int round = 0; round < 6000; round++)
            {
                byte[] mutant = Mutate(body, random);
                (List<Walk.Entry> entries, OtlpError? error) = Walk.Read(signal, mutant);
                if (error is not null)
                {
                    refused++;
                    Assert.NotEqual("malformed protobuf", error.Reason);
                    continue;
                }

                accepted++;
                IMessage oracle = parser.ParseFrom(mutant);
                Assert.Equal(RecordsOf(oracle), entries.Count);
                foreach (Walk.Entry entry in entries)
                {
                    Mapping.Mapped.Details(Mapping.Mapped.Map(entry.Stored));
                }
            }
        }

        Assert.True(accepted > 500 && refused > 500, $"{accepted} accepted, {refused} refused");
    }

    [Fact]
    public void Unknown_fields_stay_in_the_bytes()
    {
        byte[] record = [.. Samples.Log().ToByteArray(), .. Unknown(77)];
        byte[] group = [.. Field(1, Samples.Resource().ToByteArray()), .. Unknown(78), .. Field(2, [.. Field(2, record), .. Unknown(79)]), .. Unknown(80)];
        (List<Walk.Entry> entries, OtlpError? error) = Walk.Read(OtlpSignal.Logs, [.. Unknown(81), .. Field(1, group)]);
        Assert.Null(error);
        StoredEvent stored = Assert.Single(entries).Stored;
        Assert.Equal(record, stored.Record.ToArray());
        Assert.Equal([.. Field(1, Samples.Resource().ToByteArray()), .. Unknown(78), .. Unknown(80)], stored.Resource.ToArray());
        Assert.Equal(Unknown(79), stored.Scope.ToArray());
    }

    [Fact]
    public void A_resource_in_two_pieces_is_merged()
    {
        byte[] group =
        [
            .. Field(1, new Resource { Attributes = { Samples.Attribute("service.name", "a") } }.ToByteArray()), .. Field(2, Field(2, [])),
            .. Field(1, new Resource { Attributes = { Samples.Attribute("session.id", "s") } }.ToByteArray()),
        ];
        CanonicalEvent e = Mapping.Mapped.Event(OtlpSignal.Logs, Field(1, group));
        Assert.Equal(("a", "s"), (e.Actor.Id, e.Trace!.Session));
        Assert.Equal("s", Mapping.Mapped.Details(e).GetProperty("resource").GetProperty("session.id").GetString());
    }

    public static TheoryData<string, string, string> Faults => new()
    {
        { "0a ff ff ff ff 0f", "", "a length reaches beyond" },
        { "0a 80 80 80 80 80 80 80 80 80 80 01", "", "a varint has more than 64 bits" },
        { "0a ff ff ff ff ff ff ff ff ff 7f", "", "a varint has more than 64 bits" },
        { "0a 80", "", "ends in the middle" },
        { "00", "", "expected a field tag" },
        { "0f", "", "expected a field tag" },
        { "53 54", "", "groups" },
        { "08 01", "resource_logs[0]", "wire type" },
        { "0a 02 12 05", "resource_logs[0].scope_logs[0]", "a length reaches beyond" },
        { "0a 02 12 00 0a 0a 0a 08 0a 06 0a 01 ff 12 01 08", "resource_logs[1].resource.attributes[0].key", "UTF-8" },
        { "0a 0c 12 00 12 08 12 00 12 04 32 02 12 01", "resource_logs[0].scope_logs[1].log_records[1].attributes[0].value", "a length reaches beyond" },
        { "0a 09 12 07 12 05 2a 03 0a 01 80", "resource_logs[0].scope_logs[0].log_records[0].body.string_value", "UTF-8" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void A_fault_names_its_field(string hex, string path, string reason)
    {
        OtlpError? error = Walk.Read(OtlpSignal.Logs, Convert.FromHexString(hex.Replace(" ", ""))).Error;
        Assert.NotNull(error);
        Assert.StartsWith(path, error.Path);
        Assert.Contains(reason, error.Reason);
        Assert.Contains(error.Reason, error.ToString());
    }

    [Fact]
    public void Limits_hold()
    {
        OtlpLimits limits = new() { MaxRecords = 3, MaxAttributes = 4 };
        Assert.Null(Walk.Read(OtlpSignal.Logs, Field(1, Field(2, Repeat(Field(2, []), 3))), limits).Error);
        OtlpError? records = Walk.Read(OtlpSignal.Logs, Field(1, Field(2, Repeat(Field(2, []), 4))), limits).Error;
        Assert.Equal(("resource_logs[0].scope_logs[0].log_records[3]", "more than 3 records in one request"), (records!.Path, records.Reason));
        Assert.Null(Walk.Read(OtlpSignal.Logs, Field(1, Field(2, Field(2, Repeat(Field(6, []), 4)))), limits).Error);
        OtlpError? attributes = Walk.Read(OtlpSignal.Logs, Field(1, Field(2, Field(2, Repeat(Field(6, []), 5)))), limits).Error;
        Assert.Equal("resource_logs[0].scope_logs[0].log_records[0].attributes[4]", attributes!.Path);
        Assert.NotNull(Walk.Read(OtlpSignal.Logs, Field(1, [.. Field(1, Repeat(Field(1, []), 5)), .. Field(2, [])]), limits).Error);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_deepest_value_that_is_accepted_is_one_that_googles_parsers_read(bool list)
    {
        int max = OtlpLimits.Default.MaxValueDepth;
        Assert.Null(Walk.Read(OtlpSignal.Metrics, Deep(max, list)).Error);
        ExportMetricsServiceRequest.Parser.ParseFrom(Deep(max, list));
        Assert.Contains("nested more than", Walk.Read(OtlpSignal.Metrics, Deep(max + 1, list)).Error!.Reason);
        Assert.Contains("nested more than", Walk.Read(OtlpSignal.Metrics, Deep(5000, list)).Error!.Reason);
    }

    [Fact]
    public void An_empty_request_is_good() => Assert.Equal((0, null), (Walk.Read(OtlpSignal.Logs, []).Entries.Count, Walk.Read(OtlpSignal.Logs, []).Error));

    /// <summary>A value nested that deep inside the deepest attribute list there is.</summary>
    private static byte[] Deep(int depth, bool list)
    {
        byte[] value = [];
        for (int i = 1; i < depth; i++)
        {
            value = list ? Field(6, Field(1, Field(2, value))) : Field(5, Field(1, value));
        }

        return Field(1, Field(2, Field(2, Field(9, Field(1, Field(8, Field(7, Field(2, value))))))));
    }

    private static int RecordsOf(IMessage request) => request switch
    {
        ExportLogsServiceRequest logs => logs.ResourceLogs.Sum(group => group.ScopeLogs.Sum(scope => scope.LogRecords.Count)),
        ExportTraceServiceRequest traces => traces.ResourceSpans.Sum(group => group.ScopeSpans.Sum(scope => scope.Spans.Count)),
        _ => ((ExportMetricsServiceRequest)request).ResourceMetrics.Sum(group => group.ScopeMetrics.Sum(scope => scope.Metrics.Count)),
    };

    internal static byte[] Mutate(byte[] body, Random random)
    {
        List<byte> mutant = [.. body];
        for (int edits = random.Next(1, 4); edits > 0 && mutant.Count > 0; edits--)
        {
            int at = random.Next(mutant.Count);
            switch (random.Next(5))
            {
                case 0:
                    mutant[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    mutant[at] = (byte)random.Next(256);
                    break;
                case 2:
                    mutant.Insert(at, (byte)random.Next(256));
                    break;
                case 3:
                    mutant.RemoveAt(at);
                    break;
                default:
                    mutant[at] = mutant[random.Next(mutant.Count)];
                    break;
            }
        }

        return [.. mutant];
    }

    private static byte[] Unknown(int number) => Field(number, "kept"u8.ToArray());

    private static byte[] Repeat(byte[] bytes, int times) => [.. Enumerable.Repeat(bytes, times).SelectMany(b => b)];

    private static byte[] Field(int number, byte[] content)
    {
        using var stream = new MemoryStream();
        using var output = new CodedOutputStream(stream);
        output.WriteTag(number, WireFormat.WireType.LengthDelimited);
        output.WriteBytes(ByteString.CopyFrom(content));
        output.Flush();
        return stream.ToArray();
    }
}
