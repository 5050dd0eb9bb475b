using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Muniment.Faults;

/// <summary>
/// Clients that behave as real ones do: each sends the next request only after an answer, and repeats an unanswered one, byte for byte, until it gets one.
/// Knows every marker that was acknowledged.
/// </summary>
internal sealed class Load(int clients, int seed)
{
    private readonly ConcurrentDictionary<string, byte> acknowledged = new();
    private readonly Request?[] unanswered = new Request?[clients];
    private readonly int[] counters = new int[clients];
    private long repeats;

    /// <summary>Markers of acknowledged events.</summary>
    public ICollection<string> Acknowledged => acknowledged.Keys;

    /// <summary>How many requests were sent again.</summary>
    public long Repeats => repeats;

    /// <summary>Sends until told to stop or the platform is gone.</summary>
    public async Task RunAsync(Uri http, Uri otlp, string key, CancellationToken stop)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false, ConnectTimeout = TimeSpan.FromSeconds(2) }) { Timeout = TimeSpan.FromSeconds(20) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        await Task.WhenAll(Enumerable.Range(0, clients).Select(c => Task.Run(() => SendAsync(client, http, otlp, c, () => stop.IsCancellationRequested), CancellationToken.None)));
    }

    /// <summary>Repeats what got no answer until it has one.</summary>
    public async Task SettleAsync(Uri http, Uri otlp, string key)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(30) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        for (int c = 0; c < clients; c++)
        {
            if (unanswered[c] is { } request)
            {
                Interlocked.Increment(ref repeats);
                if (!await TrySendAsync(client, http, otlp, request))
                {
                    throw new FaultException($"a repeated request of client {c} got no success after the restart");
                }

                unanswered[c] = null;
            }
        }
    }

    private async Task SendAsync(HttpClient client, Uri http, Uri otlp, int c, Func<bool> stopped)
    {
        while (!stopped())
        {
            Request request = unanswered[c] ?? Next(c);
            unanswered[c] = request;
            if (!await TrySendAsync(client, http, otlp, request))
            {
                return;
            }

            unanswered[c] = null;
        }
    }

    private async Task<bool> TrySendAsync(HttpClient client, Uri http, Uri otlp, Request request)
    {
        for (int attempt = 0; attempt < 40; attempt++)
        {
            try
            {
                using var content = new ByteArrayContent(request.Body);
                content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
                using HttpResponseMessage response = await client.PostAsync(request.Otlp ? new Uri(otlp, "v1/logs") : new Uri(http, "api/v1/events"), content);
                string body = await response.Content.ReadAsStringAsync();
                if (response.StatusCode is HttpStatusCode.OK or HttpStatusCode.Accepted)
                {
                    foreach (string marker in request.Markers)
                    {
                        acknowledged[marker] = 0;
                    }

                    return true;
                }

                if (response.StatusCode is not (HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable))
                {
                    throw new FaultException($"a good request was answered {(int)response.StatusCode}: {body}");
                }

                await Task.Delay(50);
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException or IOException)
            {
                return false;
            }
        }

        return false;
    }

    /// <summary>Client c's next request: odd clients send OTLP (no ids), even ones canonical events with ids.</summary>
    private Request Next(int c)
    {
        int number = counters[c]++;
        var random = new Random(HashCode.Combine(seed, c, number));
        int count = random.Next(1, 60);
        string[] markers = [.. Enumerable.Range(0, count).Select(i => $"m-{seed}-{c}-{number}-{i}")];
        var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            if (c % 2 == 1)
            {
                WriteOtlp(json, markers, c);
            }
            else
            {
                WriteEvents(json, markers, random);
            }
        }

        return new Request(c % 2 == 1, markers, buffer.ToArray());
    }

    private static void WriteEvents(Utf8JsonWriter json, string[] markers, Random random)
    {
        json.WriteStartArray();
        foreach (string marker in markers)
        {
            json.WriteStartObject();
            json.WriteString("id", marker);
            json.WriteString("actor", "user:soak@example.com");
            json.WriteString("action", "tool.call");
            json.WriteString("target", "repo-" + random.Next(20));
            json.WriteString("result", "success");
            json.WriteString("trace", marker);
            json.WriteString("note", new string('x', random.Next(10, 400)));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteOtlp(Utf8JsonWriter json, string[] markers, int c)
    {
        json.WriteStartObject();
        json.WriteStartArray("resourceLogs");
        json.WriteStartObject();
        json.WriteStartObject("resource");
        json.WriteStartArray("attributes");
        Attribute(json, "service.name", "soak-" + c);
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteStartArray("scopeLogs");
        json.WriteStartObject();
        json.WriteStartArray("logRecords");
        foreach (string marker in markers)
        {
            json.WriteStartObject();
            json.WriteString("timeUnixNano", "1790000000000000000");
            json.WriteStartObject("body");
            json.WriteString("stringValue", "soak record");
            json.WriteEndObject();
            json.WriteStartArray("attributes");
            Attribute(json, "correlation_id", marker);
            Attribute(json, "session.id", "soak-session-" + c);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Attribute(Utf8JsonWriter json, string key, string value)
    {
        json.WriteStartObject();
        json.WriteString("key", key);
        json.WriteStartObject("value");
        json.WriteString("stringValue", value);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private sealed record Request(bool Otlp, string[] Markers, byte[] Body)
    {
        public override string ToString() => Encoding.UTF8.GetString(Body);
    }
}

/// <summary>A promise was broken. The message says which and where.</summary>
internal sealed class FaultException(string message) : Exception(message);
