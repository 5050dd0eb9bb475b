using System.Text.Json;
using Google.Protobuf;
using Muniment.Events.Canonical;
using Muniment.Events.Otlp;
using Muniment.Events.Tests.Otlp;
using Muniment.Events.Tests.Otlp.Oracle;

namespace Muniment.Events.Tests.Mapping;

public class OtlpMapperTests
{
    [Fact]
    public void Maps_a_log_by_the_general_rules()
    {
        CanonicalEvent e = Mapped.Log(Samples.Log(), Samples.Attribute("service.name", "billing-agent"), Samples.Attribute("deployment.environment.name", "prod"));

        Assert.Equal(Samples.TimeNs, e.TimeNs);
        Assert.Equal(("tool.result", "info"), (e.Action, e.Result));
        Assert.Equal(("billing-agent", "service", "j@acme.com"), (e.Actor.Id, e.Actor.Type, e.Actor.User));
        Assert.Equal(("328725b2-d125-4acb-a11d-dd2b34b418f1", "c-0001"), (e.Trace!.Session, e.Trace.Correlation));
        Assert.Equal(("5b8efff798038103d269b633813fc60c", "eee19b7ec3c1b174"), (e.Trace.TraceId, e.Trace.SpanId));
        Assert.Equal(("gpt-4o-mini", null), (e.Model!.Requested, e.Model.Served));
        Assert.Equal((1000L, 200L, 80L), (e.Usage!.Input, e.Usage.CacheRead, e.Usage.Output));
        Assert.Equal(("exec_command", "call_8f4c2"), (e.Tool!.Name, e.Tool.Call));
        Assert.Equal("prod", e.Resource!.Environment);
        JsonElement details = Mapped.Details(e);
        JsonElement attributes = details.GetProperty("attributes");
        Assert.Equal(15, attributes.EnumerateObject().Count());
        Assert.Equal(12.5, attributes.GetProperty("duration_ms").GetDouble());
        Assert.Equal(1200, attributes.GetProperty("gen_ai.usage.input_tokens").GetInt64());
        Assert.True(attributes.GetProperty("interactive").GetBoolean());
        Assert.Equal("billing-agent", details.GetProperty("resource").GetProperty("service.name").GetString());
        Assert.Equal("agent.tool_result", details.GetProperty("body").GetString());
        Assert.Equal((9, "INFO"), (details.GetProperty("severity_number").GetInt32(), details.GetProperty("severity_text").GetString()));
        Assert.False(details.TryGetProperty("trace_id", out _));
    }

    [Fact]
    public void Maps_a_span_with_its_status()
    {
        CanonicalEvent e = Mapped.Span(Samples.Span(Samples.Attribute("gen_ai.tool.name", "search")), Samples.Attribute("service.name", "svc"));

        Assert.Equal(("chat gpt-4o", "error", "upstream said no"), (e.Action, e.Result, e.Reason));
        Assert.Equal(("conv-1", "42"), (e.Trace!.Session, e.Actor.User));
        Assert.Equal((1500.0, false), (e.Tool!.DurationMs, e.Tool.Success));
        Assert.Equal(Samples.TimeNs, e.TimeNs);
        JsonElement details = Mapped.Details(e);
        Assert.Equal("retry", details.GetProperty("links")[0].GetProperty("attributes").GetProperty("why").GetString());
        Assert.Equal(Samples.TimeNs.ToString(), details.GetProperty("start_time_unix_nano").GetString());
        Assert.Equal(2, details.GetProperty("status").GetProperty("code").GetInt32());
        Assert.Equal("eee19b7ec3c1b174", details.GetProperty("parent_span_id").GetString());
    }

    [Theory]
    [InlineData(1, "success")]
    [InlineData(2, "error")]
    [InlineData(0, "info")]
    public void Result_is_the_spans_status(int code, string result) =>
        Assert.Equal(result, Mapped.Span(new Span { Name = "n", Status = new Status { Code = (StatusCode)code } }).Result);

    [Fact]
    public void Falls_back_where_nothing_is_said()
    {
        CanonicalEvent log = Mapped.Log(new LogRecord());
        Assert.Equal(("log.record", "info", "unknown_service", Samples.ReceivedNs), (log.Action, log.Result, log.Actor.Id, log.TimeNs));
        Assert.Equal("span.end", Mapped.Span(new Span()).Action);
        Assert.Equal("page.view", Mapped.Log(new LogRecord { EventName = "page.view" }).Action);
        Assert.Equal("log.record", Mapped.Log(new LogRecord { EventName = "event src/a.rs:12" }).Action);
    }

    [Fact]
    public void Time_is_time_then_event_timestamp_then_observed()
    {
        KeyValue stamp = Samples.Attribute("event.timestamp", "2026-11-21T08:45:13.787Z");
        Assert.Equal(1_795_250_713_787_000_000, Mapped.Log(new LogRecord { ObservedTimeUnixNano = 7, Attributes = { stamp } }).TimeNs);
        Assert.Equal(7, Mapped.Log(new LogRecord { ObservedTimeUnixNano = 7 }).TimeNs);
        Assert.Equal(5, Mapped.Log(new LogRecord { TimeUnixNano = 5, Attributes = { stamp } }).TimeNs);
        Assert.Equal(long.MaxValue, Mapped.Log(new LogRecord { TimeUnixNano = ulong.MaxValue }).TimeNs);
    }

    [Fact]
    public void The_records_attribute_goes_before_the_resources_and_empty_ones_do_not_count()
    {
        CanonicalEvent e = Mapped.Log(
            new LogRecord { Attributes = { Samples.Attribute("session.id", ""), Samples.Attribute("user.id", "own") } },
            Samples.Attribute("session.id", "from-resource"), Samples.Attribute("user.id", "other"));
        Assert.Equal(("from-resource", "own"), (e.Trace!.Session, e.Actor.User));
    }

    [Theory]
    [InlineData("user:j@acme.com", "user", "j@acme.com")]
    [InlineData("cron", "service", "cron")]
    [InlineData("other:x", "service", "other:x")]
    public void An_actor_attribute_is_read_in_the_flat_form(string flat, string type, string id)
    {
        CanonicalEvent e = Mapped.Log(new LogRecord { Attributes = { Samples.Attribute("actor", flat), Samples.Attribute("result", "denied") } });
        Assert.Equal((type, id, "denied"), (e.Actor.Type, e.Actor.Id, e.Result));
    }

    [Fact]
    public void Metrics_keep_their_points_in_details()
    {
        (List<Walk.Entry> entries, OtlpError? error) = Walk.Read(OtlpSignal.Metrics, Samples.MetricsRequest().ToByteArray());
        Assert.Null(error);
        CanonicalEvent e = Mapped.Map(entries[1].Stored);
        Assert.Equal(("metric.report", "info", "s-9", Samples.TimeNs + 7), (e.Action, e.Result, e.Trace!.Session, e.TimeNs));
        JsonElement metric = Mapped.Details(e).GetProperty("metric");
        Assert.Equal("tokens", metric.GetProperty("name").GetString());
        JsonElement point = metric.GetProperty("sum").GetProperty("data_points")[0];
        Assert.Equal(long.MaxValue, point.GetProperty("as_int").GetInt64());
        Assert.Equal("input", point.GetProperty("attributes").GetProperty("type").GetString());
        Assert.Equal(-5, point.GetProperty("exemplars")[0].GetProperty("as_int").GetInt64());
        foreach (Walk.Entry entry in entries)
        {
            Mapped.Details(Mapped.Map(entry.Stored));
        }
    }

    [Fact]
    public void Attributes_sent_twice_are_all_kept()
    {
        CanonicalEvent e = Mapped.Log(new LogRecord { Attributes = { Samples.Attribute("a", "1"), Samples.Attribute("b", "2"), Samples.Attribute("a", "3") } });
        JsonElement details = Mapped.Details(e);
        Assert.Equal("""{"a":"3","b":"2"}""", JsonSerializer.Serialize(details.GetProperty("attributes").EnumerateObject().OrderBy(m => m.Name).ToDictionary(m => m.Name, m => m.Value)));
        Assert.Equal("""[{"key":"a","value":"1"}]""", details.GetProperty("duplicate_attributes").GetRawText());
    }

    [Fact]
    public void One_mapper_gives_what_a_fresh_one_gives()
    {
        var shared = new Muniment.Events.Mapping.OtlpMapper();
        foreach ((OtlpSignal signal, byte[] body, _) in Walk.All)
        {
            foreach (Walk.Entry entry in Walk.Read(signal, body).Entries)
            {
                Assert.Equal(Mapped.Map(entry.Stored).Details.ToArray(), Mapped.Map(entry.Stored, shared).Details.ToArray());
            }
        }
    }

    [Fact]
    public void Token_counts_are_disjoint_and_cost_is_decimal()
    {
        CanonicalEvent e = Mapped.Span(new Span { Attributes = { Samples.Attribute("gen_ai.usage.prompt_tokens", "1200"), Samples.Attribute("gen_ai.usage.cache_read.input_tokens", 200.0), Samples.Attribute("gen_ai.usage.cache_creation.input_tokens", 100), Samples.Attribute("gen_ai.usage.cost", 0.0125) } });
        Assert.Equal((900L, 200L, 100L), (e.Usage!.Input, e.Usage.CacheRead, e.Usage.CacheWrite));
        Assert.Equal(("0.0125", "USD", "reported"), (e.Usage.Cost!.Amount, e.Usage.Cost.Unit, e.Usage.Cost.Source));

        // More cached than input: the sender counts them apart.
        e = Mapped.Log(new LogRecord { Attributes = { Samples.Attribute("gen_ai.usage.input_tokens", 5), Samples.Attribute("gen_ai.usage.cache_read.input_tokens", 200) } });
        Assert.Equal((5L, 200L), (e.Usage!.Input, e.Usage.CacheRead));
        Assert.Null(Mapped.Log(new LogRecord { Attributes = { Samples.Attribute("gen_ai.usage.input_tokens", -5), Samples.Attribute("gen_ai.usage.output_tokens", "many") } }).Usage);
    }

    [Fact]
    public void Every_kind_of_value_is_kept()
    {
        var value = new AnyValue { KvlistValue = new KeyValueList { Values = { Samples.Attribute("i", long.MinValue), new KeyValue { Key = "b", Value = new AnyValue { BytesValue = ByteString.CopyFrom(1, 2, 3) } }, new KeyValue { Key = "none" } } } };
        CanonicalEvent e = Mapped.Log(new LogRecord { Body = value, Attributes = { Samples.Attribute("nan", double.NaN), Samples.Attribute("quoted", "a\"b\\c\n\u0001\u2028é😀\0"), new KeyValue { Key = "list", Value = new AnyValue { ArrayValue = new ArrayValue { Values = { new AnyValue(), new AnyValue { BoolValue = false } } } } } } });
        JsonElement details = Mapped.Details(e);
        Assert.Equal("""{"i":-9223372036854775808,"b":"AQID","none":null}""", details.GetProperty("body").GetRawText());
        JsonElement attributes = details.GetProperty("attributes");
        Assert.Equal("NaN", attributes.GetProperty("nan").GetString());
        Assert.Equal("a\"b\\c\n\u0001\u2028é😀\0", attributes.GetProperty("quoted").GetString());
        Assert.Equal("[null,false]", attributes.GetProperty("list").GetRawText());
    }

    [Fact]
    public void A_damaged_record_becomes_one_event_that_says_so()
    {
        var random = new Random(5);
        var mapper = new Muniment.Events.Mapping.OtlpMapper();
        StoredEvent good = Walk.Read(OtlpSignal.Logs, Walk.All[0].Body).Entries[0].Stored;
        int unreadable = 0;
        for (int round = 0; round < 2000; round++)
        {
            StoredEvent bad = good with { Record = OtlpRequestReaderTests.Mutate(good.Record.ToArray(), random), Scope = OtlpRequestReaderTests.Mutate(good.Scope.ToArray(), random) };
            CanonicalEvent e = Mapped.Map(bad, mapper);
            unreadable += e.Action == "record.unreadable" ? 1 : 0;
        }

        Assert.InRange(unreadable, 1, 1999);
        Assert.Equal("tool.result", Mapped.Map(good, mapper).Action);
        Assert.Equal("record.unreadable", Mapped.Map(good with { Resource = new byte[] { 0xff } }, mapper).Action);
        Assert.Equal(Mapped.Map(good).Details.ToArray(), Mapped.Map(good, mapper).Details.ToArray());
    }
}
