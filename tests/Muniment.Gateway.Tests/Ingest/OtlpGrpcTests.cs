using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Headers;
using Muniment.Events;
using Muniment.Events.Otlp;
using Muniment.Gateway.Access;
using Muniment.Gateway.Tests.Hosting;
using Muniment.Messages.Journal;

namespace Muniment.Gateway.Tests.Ingest;

public class OtlpGrpcTests
{
    private const string LogsExport = "/opentelemetry.proto.collector.logs.v1.LogsService/Export";

    [Theory]
    [InlineData("logs.v1.LogsService", OtlpSignal.Logs)]
    [InlineData("trace.v1.TraceService", OtlpSignal.Traces)]
    [InlineData("metrics.v1.MetricsService", OtlpSignal.Metrics)]
    public async Task Export_is_stored_and_answered_with_an_empty_message_and_trailers(string service, OtlpSignal signal)
    {
        await using Door door = await Door.OpenAsync();
        string json = signal switch { OtlpSignal.Logs => OtlpBodies.Logs(), OtlpSignal.Traces => OtlpBodies.Spans, _ => OtlpBodies.Metrics };
        byte[] message = OtlpBodies.Proto(signal, json);
        (HttpResponseMessage answer, byte[] body) = await Call(door, $"/opentelemetry.proto.collector.{service}/Export", Frame(message));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("application/grpc", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal([0, 0, 0, 0, 0], body);
        Assert.Equal("0", answer.TrailingHeaders.GetValues("grpc-status").Single());
        Assert.Equal("otlp_grpc", Assert.Single(door.Journal.Canonical(TenantId.Default)).Source.Receiver);
    }

    [Fact]
    public async Task Gzip_is_read_and_recognised_as_the_same_request()
    {
        await using Door door = await Door.OpenAsync();
        byte[] message = OtlpBodies.Proto(OtlpSignal.Logs, OtlpBodies.Logs(2));
        await Call(door, LogsExport, Frame(message));
        (HttpResponseMessage answer, _) = await Call(door, LogsExport, Frame(EventsTests.Gzip(message), 1), ("grpc-encoding", "gzip"));
        Assert.Equal("0", answer.TrailingHeaders.GetValues("grpc-status").Single());
        Assert.Equal(2, door.Journal.Stored(TenantId.Default).Count);
    }

    [Fact]
    public async Task An_empty_message_is_fine()
    {
        await using Door door = await Door.OpenAsync();
        (HttpResponseMessage answer, _) = await Call(door, LogsExport, Frame([]));
        Assert.Equal("0", answer.TrailingHeaders.GetValues("grpc-status").Single());
    }

    public static TheoryData<string, int> BadCalls() => new()
    {
        { "", 3 }, { "00", 3 }, { "0000000005", 3 }, { "000000000101ff", 3 }, { "0200000000", 3 }, { "007fffffff", 8 }, { "0100000000", 13 }, { "00000000020a7f", 3 },
    };

    [Theory]
    [MemberData(nameof(BadCalls))]
    public async Task Broken_framing_is_refused_in_a_trailers_only_answer(string hex, int status)
    {
        await using Door door = await Door.OpenAsync();
        (HttpResponseMessage answer, byte[] body) = await Call(door, LogsExport, Convert.FromHexString(hex));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(status.ToString(System.Globalization.CultureInfo.InvariantCulture), answer.Headers.GetValues("grpc-status").Single());
        Assert.NotEmpty(answer.Headers.GetValues("grpc-message").Single());
        Assert.False(answer.Headers.Contains("grpc-status-details-bin"));
        Assert.Empty(body);
    }

    [Fact]
    public async Task Refusals_have_grpcs_own_codes()
    {
        await using Door door = await Door.OpenAsync();
        byte[] frame = Frame(OtlpBodies.Proto(OtlpSignal.Logs, OtlpBodies.Logs()));
        Assert.Equal("16", await Status(door, LogsExport, frame, key: ""));
        Assert.Equal("16", await Status(door, LogsExport, frame, key: "mk_wrong"));
        Assert.Equal("7", await Status(door, LogsExport, frame, key: door.Key(Role.Analyst)));
        Assert.Equal("12", await Status(door, "/opentelemetry.proto.collector.logs.v1.LogsService/Import", frame));
        Assert.Equal("12", await Status(door, "/healthz", frame));
        Assert.Equal("12", await Status(door, LogsExport, Frame([1], 1), header: ("grpc-encoding", "zstd")));
        Assert.Equal("3", await Status(door, LogsExport, frame, header: ("grpc-timeout", "soon")));
        door.Journal.Answer = AppendStatus.StorageFull;
        (HttpResponseMessage full, _) = await Call(door, LogsExport, frame);
        Assert.Equal("14", full.Headers.GetValues("grpc-status").Single());
        string details = full.Headers.GetValues("grpc-status-details-bin").Single();
        Assert.Contains("google.rpc.RetryInfo", System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(details.PadRight((details.Length + 3) / 4 * 4, '='))), StringComparison.Ordinal);
        door.Journal.Answer = AppendStatus.Overloaded;
        (HttpResponseMessage busy, _) = await Call(door, LogsExport, frame);
        Assert.Equal("8", busy.Headers.GetValues("grpc-status").Single());
        Assert.True(busy.Headers.Contains("grpc-status-details-bin"));
    }

    [Fact]
    public async Task The_clients_deadline_ends_the_call()
    {
        await using Door door = await Door.OpenAsync();
        door.Journal.Hold = new TaskCompletionSource().Task;
        Assert.Equal("4", await Status(door, LogsExport, Frame(OtlpBodies.Proto(OtlpSignal.Logs, OtlpBodies.Logs())), header: ("grpc-timeout", "50m")));
    }

    [Fact]
    public async Task Another_content_type_is_415()
    {
        await using Door door = await Door.OpenAsync();
        (HttpResponseMessage answer, _) = await Call(door, LogsExport, [], media: "application/json");
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, answer.StatusCode);
    }

    private static byte[] Frame(byte[] message, byte flag = 0)
    {
        byte[] frame = new byte[5 + message.Length];
        frame[0] = flag;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), message.Length);
        message.CopyTo(frame, 5);
        return frame;
    }

    private static async Task<string> Status(Door door, string path, byte[] body, string? key = null, (string Name, string Value)? header = null) =>
        (await Call(door, path, body, header, key)).Answer.Headers.GetValues("grpc-status").Single();

    private static async Task<(HttpResponseMessage Answer, byte[] Body)> Call(
        Door door, string path, byte[] body, (string Name, string Value)? header = null, string? key = null, string media = "application/grpc")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(door.OtlpGrpc, path))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(body),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(media);
        request.Headers.TryAddWithoutValidation("te", "trailers");
        if (key is not "")
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key ?? door.Key(Role.Ingest));
        }

        if (header is { } extra)
        {
            request.Headers.TryAddWithoutValidation(extra.Name, extra.Value);
        }

        HttpResponseMessage answer = await door.Client.SendAsync(request);
        return (answer, await answer.Content.ReadAsByteArrayAsync());
    }
}
