using System.Net;
using System.Text;
using Muniment.Events;
using Muniment.Gateway.Access;
using Muniment.Gateway.Tests.Hosting;

namespace Muniment.Gateway.Tests.Ingest;

/// <summary>Requests that no honest client sends, byte by byte over a raw socket: always a 4xx, never a 5xx, nothing stored, and the server takes the next request.</summary>
public class HostileHttpTests
{
    private const string Good = """{"actor":"service:ci","action":"build.run","result":"success"}""";

    private static readonly Dictionary<string, string> Cases = Requests();

    // Names only: what stands here goes through the test runner's protocol, where large bodies cost minutes.
    public static TheoryData<string> Names() => [.. Cases.Keys];

    private static Dictionary<string, string> Requests()
    {
        string length = $"Content-Length: {Good.Length}\r\n";
        return new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["CL and TE"] = Post(length + "Transfer-Encoding: chunked\r\n", $"{Good.Length:x}\r\n{Good}\r\n0\r\n\r\n"),
            ["two CL"] = Post(length + "Content-Length: 3\r\n", Good),
            ["CL list"] = Post($"Content-Length: {Good.Length}, {Good.Length}\r\n", Good),
            ["negative CL"] = Post("Content-Length: -1\r\n", Good),
            ["huge CL"] = Post("Content-Length: 99999999999999999999\r\n", Good),
            ["CL over the limit"] = Post("Content-Length: 9999999999\r\n", Good),
            ["CL longer than the body"] = Post($"Content-Length: {Good.Length + 5}\r\n", Good),
            ["TE chunked, identity"] = Post("Transfer-Encoding: chunked, identity\r\n", "0\r\n\r\n"),
            ["TE gzip"] = Post("Transfer-Encoding: gzip\r\n", "x"),
            ["bad chunk size"] = Post("Transfer-Encoding: chunked\r\n", "zz\r\nabc\r\n0\r\n\r\n"),
            ["huge chunk size"] = Post("Transfer-Encoding: chunked\r\n", "ffffffffffffffff1\r\nabc\r\n0\r\n\r\n"),
            ["chunk without end"] = Post("Transfer-Encoding: chunked\r\n", "5\r\nabcdeXX0\r\n\r\n"),
            ["cut chunk"] = Post("Transfer-Encoding: chunked\r\n", "50\r\nabc"),
            ["chunk extension flood"] = Post("Transfer-Encoding: chunked\r\n", string.Concat(Enumerable.Repeat("1;" + new string('a', 4000) + "\r\nx\r\n", 500)) + "0\r\n\r\n"),
            ["folded header"] = Post(length + "X-A: b\r\n c\r\n", Good),
            ["no host"] = "POST /api/v1/events HTTP/1.1\r\nx-api-key: KEY\r\n" + length + "\r\n" + Good,
            ["two hosts"] = Post("Host: other\r\n" + length, Good),
            ["NUL in a header"] = Post("X-A: b\0c\r\n" + length, Good),
            ["CR in a header"] = Post("X-A: b\rc\r\n" + length, Good),
            ["blank before the colon"] = Post("X-A : b\r\n" + length, Good),
            ["64 KB header"] = Post("X-A: " + new string('a', 65536) + "\r\n" + length, Good),
            ["10k headers"] = Post(string.Concat(Enumerable.Range(0, 10000).Select(i => $"X-{i}: 1\r\n")) + length, Good),
            ["absolute form of another host"] = $"POST http://other/api/v1/events HTTP/1.1\r\nHost: localhost\r\nx-api-key: KEY\r\n{length}\r\n{Good}",
            ["NUL in the path"] = $"POST /api/v1/events%00 HTTP/1.1\r\nHost: localhost\r\nx-api-key: KEY\r\n{length}\r\n{Good}",
            ["overlong UTF-8 in the path"] = $"POST /api/v1/%c0%ae%c0%ae/events HTTP/1.1\r\nHost: localhost\r\nx-api-key: KEY\r\n{length}\r\n{Good}",
            ["dots in the path"] = $"POST /api/v1/x/%2e%2e/events/%2e%2e/none HTTP/1.1\r\nHost: localhost\r\nx-api-key: KEY\r\n{length}\r\n{Good}",
            ["double slash"] = $"POST //api/v1/events HTTP/1.1\r\nHost: localhost\r\nx-api-key: KEY\r\n{length}\r\n{Good}",
            ["method override"] = $"GET /api/v1/keys/x HTTP/1.1\r\nHost: localhost\r\nX-HTTP-Method-Override: DELETE\r\nx-api-key: KEY\r\n\r\n",
            ["odd method"] = $"BREW /api/v1/events HTTP/1.1\r\nHost: localhost\r\nx-api-key: KEY\r\n{length}\r\n{Good}",
            ["HTTP/9.9"] = $"POST /api/v1/events HTTP/9.9\r\nHost: localhost\r\nx-api-key: KEY\r\n{length}\r\n{Good}",
            ["not HTTP at all"] = "\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03\r\n\r\n",
            ["h2 preface on an HTTP/1.1 port"] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            ["two Content-Types"] = Post("Content-Type: text/plain\r\n" + length, Good),
            ["two Authorizations"] = Post("Authorization: Bearer a\r\nAuthorization: Bearer b\r\n" + length, Good),
        };

        static string Post(string headers, string body) =>
            $"POST /api/v1/events HTTP/1.1\r\nHost: localhost\r\nx-api-key: KEY\r\nContent-Type: application/json\r\n{headers}\r\n{body}";
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Is_refused_and_harms_nothing(string name)
    {
        await using Door door = await Door.OpenAsync();
        string answer = await Door.RawAsync(door.Http, Encoding.Latin1.GetBytes(Cases[name].Replace("KEY", door.Key(Role.Ingest), StringComparison.Ordinal)));
        foreach (string status in answer.Split("\r\n").Where(line => line.StartsWith("HTTP/1.1 ", StringComparison.Ordinal)))
        {
            // 505 is the one right answer to a version that nobody speaks.
            Assert.True(status["HTTP/1.1 ".Length] == '4' || status.StartsWith("HTTP/1.1 505", StringComparison.Ordinal), $"{name}: {status}");
        }

        Assert.Empty(door.Journal.Stored(TenantId.Default));
        Assert.True(await door.Services.GivesAllBackAsync(), name);
        using HttpResponseMessage next = await door.SendAsync(HttpMethod.Post, "/api/v1/events", new StringContent(Good, Encoding.UTF8, "application/json"), door.Key(Role.Ingest));
        Assert.Equal(HttpStatusCode.Accepted, next.StatusCode);
    }

    [Fact]
    public async Task Content_Length_with_Transfer_Encoding_names_the_cause_and_closes()
    {
        await using Door door = await Door.OpenAsync();
        string twice = $"POST /api/v1/events HTTP/1.1\r\nHost: localhost\r\nx-api-key: {door.Key(Role.Ingest)}\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
        string answer = await Door.RawAsync(door.Http, Encoding.Latin1.GetBytes(twice), halfClose: false);
        Assert.StartsWith("HTTP/1.1 400", answer, StringComparison.Ordinal);
        Assert.Contains("Connection: close", answer, StringComparison.Ordinal);
        Assert.Contains("Content-Length and Transfer-Encoding", answer, StringComparison.Ordinal);

        // What is hidden behind it is not served. The answer may be lost with the connection, which is cut while bytes are unread.
        string smuggled = await Door.RawAsync(door.Http, Encoding.Latin1.GetBytes(twice + $"POST /api/v1/events HTTP/1.1\r\nHost: localhost\r\nx-api-key: {door.Key(Role.Ingest)}\r\nContent-Type: application/json\r\nContent-Length: {Good.Length}\r\n\r\n{Good}"));
        Assert.True(smuggled.Split("HTTP/1.1 ").Length - 1 <= 1, smuggled);
        Assert.Empty(door.Journal.Stored(TenantId.Default));
    }
}
