using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Muniment.Delivery.Batches;
using Muniment.Delivery.Configuration;
using Muniment.Delivery.Kinds;
using Muniment.Delivery.Kinds.Syslog;
using Muniment.Delivery.Outcomes;
using Muniment.Delivery.Tests.Fakes;

namespace Muniment.Delivery.Tests.Kinds.Syslog;

public sealed class SyslogTests
{
    [Fact]
    public async Task A_message_carries_the_event_its_marks_and_the_severity()
    {
        FakeSource source = new();
        source.Add();
        source.Add(result: "denied", extra: ",\"details\":{\"text\":\"a]b\\\"c\\\\d\\né😀\"}");
        Rfc5424[] read = [.. await MessagesAsync(source, ""","options":{"app_name":"agents","facility":"local4"}""")];
        Assert.Equal([20 * 8 + 6, 20 * 8 + 4], read.Select(m => m.Priority));
        Assert.Equal("2026-01-01T00:00:00.001000Z", read[1].Timestamp);
        Assert.Equal(("log", "agents", "acme", "tool.call"), (read[1].Host, read[1].Application, read[1].Process, read[1].MessageId));
        Dictionary<string, string> marks = read[1].Data["muniment@32473"];
        Assert.Equal(("log/acme", "d", "e1", "1", "0", "1", string.Concat(Enumerable.Repeat("01", 32))),
            (marks["origin"], marks["destination"], marks["id"], marks["seq"], marks["epoch"], marks["n"], marks["leaf"]));
        JsonElement json = JsonSerializer.Deserialize<JsonElement>(read[1].Text);
        Assert.Equal("a]b\"c\\d\né😀", json.GetProperty("details").GetProperty("text").GetString());
        Assert.Equal(1, json.GetProperty("muniment").GetProperty("n").GetInt64());
    }

    [Fact]
    public async Task Ids_that_need_escaping_are_read_back()
    {
        FakeSource source = new();
        source.Add(new Muniment.Events.StoredEvent(0, 1_767_225_600_000_000_000, Muniment.Events.EntryKind.Event,
            Muniment.Events.Canonical.EnvelopeCodec.Write(new Muniment.Events.Canonical.Envelope { Stream = "activity", Receiver = "events" }), default, default,
            """{"id":"a\"b]c\\d","actor":"u","action":"two words é and a very long name of more than it may","result":"success"}"""u8.ToArray()));
        Rfc5424 read = Assert.Single(await MessagesAsync(source, ""));
        Assert.Equal("a\"b]c\\d", read.Data["muniment@32473"]["id"]);
        Assert.Equal(13 * 8 + 6, read.Priority);
        Assert.Equal(32, read.MessageId.Length);
    }

    [Theory]
    [InlineData("reason", "xé😀\\u0001")]
    [InlineData("other", "\\\\\\\"")]
    public async Task A_long_message_is_cut_with_its_length_and_digest(string field, string unit)
    {
        FakeSource source = new();
        source.Add(extra: $",\"{field}\":\"{string.Concat(Enumerable.Repeat(unit, 5000))}\"");
        Rfc5424 read = Assert.Single(await MessagesAsync(source, ""));
        Rfc5424 whole = Assert.Single(await MessagesAsync(source, ""","options":{"max_message_bytes":1000000}""", 1_000_000));
        JsonElement json = JsonSerializer.Deserialize<JsonElement>(read.Text);
        JsonElement cut = json.GetProperty("cut");
        Assert.Equal(whole.Message.Length, cut.GetProperty("bytes").GetInt32());
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(whole.Message)), cut.GetProperty("sha256").GetString());
        Assert.StartsWith(cut.GetProperty("head").GetString()!, whole.Text, StringComparison.Ordinal);
        Assert.True(cut.GetProperty("head").GetString()!.Length > 1000);
        Assert.Equal("e0", json.GetProperty("id").GetString());
        Assert.Equal(0, json.GetProperty("muniment").GetProperty("seq").GetInt64());
    }

    [Theory]
    [InlineData("cef", "CEF:")]
    [InlineData("leef", "LEEF:")]
    public async Task Cef_and_leef_ride_on_the_same_head(string payload, string start)
    {
        FakeSource source = new();
        source.Add();
        Rfc5424 read = Assert.Single(await MessagesAsync(source, $",\"options\":{{\"payload\":\"{payload}\"}}"));
        Assert.StartsWith(start, read.Text, StringComparison.Ordinal);
        Assert.Equal("0", read.Data["muniment@32473"]["n"]);
        Rfc5424 same = Assert.Single(await MessagesAsync(source, $",\"format\":\"{payload}\""));
        Assert.Equal(read.Text, same.Text);
        Assert.Equal("format", KindBench.Refusal($$"""{"id":"d","kind":"syslog","endpoint":"tls://h:6514","format":"{{payload}}","options":{"payload":"json"} }"""));
    }

    public static TheoryData<string, string> WrongMessages => new()
    {
        { "no version", "<110>2026-01-01T00:00:00Z h a p m - x" },
        { "priority over 191", "<192>1 2026-01-01T00:00:00Z h a p m - x" },
        { "priority with leading zero", "<010>1 2026-01-01T00:00:00Z h a p m - x" },
        { "seven decimals", "<110>1 2026-01-01T00:00:00.1234567Z h a p m - x" },
        { "no such day", "<110>1 2026-02-30T00:00:00Z h a p m - x" },
        { "no time zone", "<110>1 2026-01-01T00:00:00 h a p m - x" },
        { "empty application", "<110>1 2026-01-01T00:00:00Z h  p m - x" },
        { "application too long", $"<110>1 2026-01-01T00:00:00Z h {new string('a', 49)} p m - x" },
        { "message id too long", $"<110>1 2026-01-01T00:00:00Z h a p {new string('m', 33)} - x" },
        { "not ASCII in the head", "<110>1 2026-01-01T00:00:00Z h\u00e9 a p m - x" },
        { "unescaped quote", "<110>1 2026-01-01T00:00:00Z h a p m [x@1 k=\"a\"b\"] x" },
        { "unescaped bracket", "<110>1 2026-01-01T00:00:00Z h a p m [x@1 k=\"a]b\"] x" },
        { "same element twice", "<110>1 2026-01-01T00:00:00Z h a p m [x@1 k=\"a\"][x@1 k=\"b\"] x" },
        { "no structured data", "<110>1 2026-01-01T00:00:00Z h a p m x" },
        { "too long", "<110>1 2026-01-01T00:00:00Z h a p m - " + new string('x', 8192) },
    };

    [Theory]
    [MemberData(nameof(WrongMessages))]
    public void The_receiver_refuses_a_wrong_message(string what, string message)
    {
        Assert.NotEmpty(what);
        Assert.Equal("x", Rfc5424.Parse("<110>1 2026-01-01T00:00:00.123456Z h a p m [x@1 k=\"\\]\\\"\\\\\"][y@1] x"u8.ToArray()).Text);
        Assert.Throws<RefusedException>(() => Rfc5424.Parse(Encoding.UTF8.GetBytes(message)));
    }

    [Fact]
    public void The_receiver_refuses_a_message_that_is_not_utf8() =>
        Assert.Throws<RefusedException>(() => Rfc5424.Parse([.. "<110>1 - h a p m - "u8, 0xff]));

    [Theory]
    [InlineData("<110>1 - - - - - -\n")]
    [InlineData("05 hello")]
    [InlineData("6 hello")]
    [InlineData("hello")]
    [InlineData("5 hello\n5 hello")]
    [InlineData("+5 hello")]
    public void The_receiver_refuses_wrong_framing(string stream)
    {
        Assert.Equal(2, Rfc5424.Frames("5 hello5 hello"u8.ToArray()).Count());
        Assert.Throws<RefusedException>(() => Rfc5424.Frames(Encoding.ASCII.GetBytes(stream)).Count());
    }

    [Theory]
    [InlineData("2 open 36 relp_version=0\ncommands=syslog\nabcdefg\n")]
    [InlineData("1 syslog 1 x\n")]
    [InlineData("1 open 3 abc\n")]
    [InlineData("1 open 30 relp_version=0\ncommands=syslog\n2 open 30 relp_version=0\ncommands=syslog\n")]
    [InlineData("1 open 30 relp_version=0\ncommands=syslog\n3 syslog 1 x\n")]
    [InlineData("1 open 30 relp_version=0\ncommands=syslog\n2 syslog 1 xx\n")]
    [InlineData("1 open 30 relp_version=0\ncommands=syslog\n2 shell 1 x\n")]
    [InlineData("1 open 30 relp_version=0\ncommands=syslog\n2 SYSLOG 1 x\n")]
    [InlineData("01 open 30 relp_version=0\ncommands=syslog\n")]
    [InlineData("<110>1 - - - - - -\n")]
    public void The_receiver_refuses_wrong_relp(string stream)
    {
        Assert.Equal(2, Count("1 open 30 relp_version=0\ncommands=syslog\n2 syslog 1 x\n"));
        Assert.Throws<RefusedException>(() => Count(stream));

        static int Count(string text)
        {
            Relp relp = new();
            relp.Feed(Encoding.ASCII.GetBytes(text));
            int count = 0;
            while (relp.Next() is not null)
            {
                count++;
            }

            return count;
        }
    }

    [Fact]
    public void A_relp_answer_is_read_at_every_cut_and_garbage_is_told()
    {
        byte[] answer = "12 rsp 6 200 OK\n13 rsp 0\n"u8.ToArray();
        for (int cut = 0; cut < answer.Length; cut++)
        {
            int taken = RelpFrame.TryRead(answer.AsSpan(0, cut), out RelpFrame frame);
            Assert.Equal(cut < 16 ? 0 : 16, taken);
            Assert.True(taken == 0 || frame is { Number: 12, Command: "rsp", Data: "200 OK", Status: 200 });
        }

        Assert.Equal(9, RelpFrame.TryRead(answer.AsSpan(16), out RelpFrame last));
        Assert.Equal((13, "", 0), (last.Number, last.Data, last.Status));
        foreach (string garbage in (string[])["HTTP/1.1 400 Bad Request", "1 rsp x", "1 rsp 99999999 ", "1 rsp 1xy\n", "1 rsp 1 xy", "9999999999 rsp 0\n", new string('1', 100)])
        {
            Assert.Equal(-1, RelpFrame.TryRead(Encoding.ASCII.GetBytes(garbage), out _));
        }
    }

    [Theory]
    [InlineData("HTTP/1.1 400 Bad Request\r\n\r\n", OutcomeKind.Misconfigured, "transport_mismatch")]
    [InlineData("1 rsp 8 500 no\nx\n", OutcomeKind.Misconfigured, "misconfigured")]
    [InlineData("0 serverclose 0\n", OutcomeKind.Misconfigured, "misconfigured")]
    [InlineData("", OutcomeKind.RetryLater, "unreachable")]
    public async Task A_receiver_that_does_not_open_a_session_is_told_apart(string answer, OutcomeKind kind, string code)
    {
        DeliveryOutcome outcome = await ExchangeAsync("relp", "", async stream => await stream.WriteAsync(Encoding.ASCII.GetBytes(answer)));
        Assert.Equal((kind, code), (outcome.Kind, outcome.Code));
    }

    [Theory]
    [InlineData(1, RelpSender.MaxRefusalsAlone)]
    [InlineData(2, RelpSender.MaxRefusalsTogether)]
    public async Task Messages_that_relp_refuses_again_and_again_are_bad(int events, int refusals)
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        Task server = Task.Run(async () =>
        {
            using TcpClient client = await listener.AcceptTcpClientAsync();
            Relp relp = new();
            byte[] buffer = new byte[65536];
            while (await client.GetStream().ReadAsync(buffer) is > 0 and var read)
            {
                relp.Feed(buffer.AsSpan(0, read));
                while (relp.Next() is var (number, command, _))
                {
                    await client.GetStream().WriteAsync(Relp.Answer(number, command == "open" ? "200 OK" : "500 no"));
                }
            }
        });
        using Batch batch = await BatchAsync("relp", ((IPEndPoint)listener.LocalEndpoint).Port, "", events);
        await using (IDestinationSender sender = Sender("relp", ((IPEndPoint)listener.LocalEndpoint).Port, ""))
        {
            for (int i = 1; i < refusals; i++)
            {
                Assert.Equal(OutcomeKind.RetryLater, (await sender.SendAsync(new BatchSlice(batch, 0, 0, events), default)).Kind);
            }

            DeliveryOutcome last = await sender.SendAsync(new BatchSlice(batch, 0, 0, events), default);
            Assert.Equal((OutcomeKind.BadRecord, "500 no", null), (last.Kind, last.Message, last.BadIndex));
            if (events > 1)
            {
                Assert.Equal(OutcomeKind.RetryLater, (await sender.SendAsync(new BatchSlice(batch, 0, 0, 1), default)).Kind); // a half is not given up at once
            }
        }

        await server;
    }

    [Fact]
    public async Task A_connection_stays_and_a_closed_one_is_noticed()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        using Batch batch = await BatchAsync("tcp", port, "");
        await using IDestinationSender sender = Sender("tcp", port, "");
        BatchSlice slice = new(batch, 0, 0, 1);
        Assert.Contains("acknowledged by the receiver's TCP", (await sender.SendAsync(slice, default)).Response, StringComparison.Ordinal);
        using (TcpClient first = await listener.AcceptTcpClientAsync())
        {
            Assert.Equal(OutcomeKind.Delivered, (await sender.SendAsync(slice, default)).Kind);
            byte[] buffer = new byte[slice.BytesOf(0).Length * 2];
            await first.GetStream().ReadExactlyAsync(buffer);
            Assert.Equal(2, Rfc5424.Frames(buffer).Count());
            Assert.False(listener.Pending());
        }

        // The close may be noticed by the next send or by the one after; both connect again.
        DeliveryOutcome next = await sender.SendAsync(slice, default);
        Assert.True(next.Kind is OutcomeKind.Delivered or OutcomeKind.RetryLater);
        Assert.Equal(OutcomeKind.Delivered, (await sender.SendAsync(slice, default)).Kind);
        using TcpClient second = await listener.AcceptTcpClientAsync();
        await second.GetStream().ReadExactlyAsync(new byte[slice.BytesOf(0).Length]);
    }

    [Theory]
    [InlineData("""{"endpoint":"udp://h:514"}""", "endpoint")]
    [InlineData("""{"endpoint":"tcp://h"}""", "endpoint")]
    [InlineData("""{"endpoint":"tls://u@h:6514"}""", "endpoint")]
    [InlineData("""{"endpoint":"tls://h:6514/path"}""", "endpoint")]
    [InlineData("""{"endpoint":"https://h:6514"}""", "endpoint")]
    [InlineData("""{"options":{"facility":24}}""", "options.facility")]
    [InlineData("""{"options":{"facility":"local8"}}""", "options.facility")]
    [InlineData("""{"options":{"app_name":"two words"}}""", "options.app_name")]
    [InlineData("""{"options":{"payload":"xml"}}""", "options.payload")]
    [InlineData("""{"options":{"confirm":"udp"}}""", "options.confirm")]
    [InlineData("""{"options":{"max_message_bytes":100}}""", "options.max_message_bytes")]
    [InlineData("""{"credential":{"token":"t"}}""", "credential.token")]
    [InlineData("""{"streams":["otel_logs"]}""", "streams")]
    public void A_bad_configuration_names_the_field(string members, string field)
    {
        Dictionary<string, JsonElement> json = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>("""{"id":"d","kind":"syslog","endpoint":"tls://h:6514"}""")!;
        foreach ((string name, JsonElement value) in JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(members)!)
        {
            json[name] = value;
        }

        Assert.Equal(field, Fixtures.Reader.Read(JsonSerializer.SerializeToUtf8Bytes(json), SecretBag.Empty, null, out _, out _)?.Field);
    }

    private static async Task<List<Rfc5424>> MessagesAsync(FakeSource source, string more, int maxBytes = 8192)
    {
        DestinationConfig config = Config("tcp", 1, more);
        using Batch batch = await Fixtures.Builder(source).BuildAsync(new BatchRequest { Selection = config, Shape = config, From = 0, To = source.Size, FirstN = 0, Epoch = 0 }, default);
        return [.. Rfc5424.Frames(batch.Bytes.ToArray()).Select(f => Rfc5424.Parse(f, maxBytes))];
    }

    private static async Task<DeliveryOutcome> ExchangeAsync(string scheme, string more, Func<NetworkStream, Task> answer)
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        Task server = Task.Run(async () =>
        {
            using TcpClient client = await listener.AcceptTcpClientAsync();
            Assert.True(await client.GetStream().ReadAsync(new byte[65536]) > 0);
            await answer(client.GetStream());
        });
        using Batch batch = await BatchAsync(scheme, port, more);
        await using IDestinationSender sender = Sender(scheme, port, more);
        DeliveryOutcome outcome = await sender.SendAsync(new BatchSlice(batch, 0, 0, 1), default);
        await server;
        return outcome;
    }

    private static async Task<Batch> BatchAsync(string scheme, int port, string more, int events = 1)
    {
        FakeSource source = new();
        source.Add(events);
        DestinationConfig config = Config(scheme, port, more);
        return await Fixtures.Builder(source).BuildAsync(new BatchRequest { Selection = config, Shape = config, From = 0, To = events, FirstN = 0, Epoch = 0 }, default);
    }

    private static IDestinationSender Sender(string scheme, int port, string more) =>
        new SyslogKind().CreateSender(new SenderContext("acme", Config(scheme, port, more), SecretBag.Empty, Fixtures.Http(), Path.GetTempPath(), TimeProvider.System));

    private static DestinationConfig Config(string scheme, int port, string more) => Fixtures.Config($$"""{"id":"d","kind":"syslog","endpoint":"{{scheme}}://127.0.0.1:{{port}}"{{more}}}""", out _);
}
