using Muniment.Events.Otlp;
using Muniment.TestData;

namespace Muniment.Events.Tests.Otlp;

public class OtlpRecordCountTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(300)]
    public void It_counts_what_is_there_and_what_lies_before_a_fault(int records)
    {
        byte[] request = new EventGenerator(3).LogsRequest(records);
        Assert.Equal(records, OtlpRecordCount.Of(request));
        for (int cut = 0; cut < request.Length; cut += 1 + (request.Length / 50))
        {
            Assert.InRange(OtlpRecordCount.Of(request.AsSpan(0, cut)), 0, records);
        }
    }

    [Fact]
    public void It_counts_what_the_reader_reads_of_every_signal()
    {
        foreach ((OtlpSignal signal, byte[] body, _) in Walk.All)
        {
            (List<Walk.Entry> entries, _) = Walk.Read(signal, body);
            Assert.Equal(entries.Count, OtlpRecordCount.Of(body));
        }
    }
}
