using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Muniment.Testing;
using Muniment.Testing.Upstreams;

namespace Muniment.Faults;

/// <summary>
/// kill -9 right after a client saw an answer, on one data directory that lives through all rounds: every decision that a client has an id of is there, whole calls with both events, calls that were
/// under way marked as interrupted. Then bursts on a limit of calls and on one of tokens, whole and with a kill -9 in the middle.
/// </summary>
internal sealed class DecisionSoak(int seed, TextWriter output)
{
    private const int Clients = 8;
    private readonly Random random = new(seed);
    private readonly string directory = Directory.CreateTempSubdirectory("muniment-decisions-").FullName;
    private int whole;
    private int begun;
    private int interrupted;
    private int burstAllowed;
    private long tokensOver;
    private readonly List<object> crashes = [];

    /// <summary>Figures for the report.</summary>
    public object Result => new { seed, whole, begun, interrupted, burst_allowed = burstAllowed, tokens_over = tokensOver, crashes };

    /// <summary>Runs the kills.</summary>
    public async Task KillAsync(int rounds)
    {
        await using FakeUpstream upstream = await FakeUpstream.StartAsync();
        upstream.Remembers = false;
        upstream.Answer = new FakeAnswer { FrameDelayMs = 1, Text = string.Concat(Enumerable.Repeat("word ", 20)) };
        string? key = null;
        for (int round = 1; round <= rounds; round++)
        {
            List<string> answered = [];
            List<string> started = [];
            await using (PlatformProcess platform = await PlatformProcess.StartAsync(directory))
            {
                using HttpClient admin = platform.CreateClient();
                key ??= await SetUpAsync(admin, upstream.Address, "rules: [{ id: mail, on: [model.invoke, model.respond], detect: [email], then: redact }]");
                using HttpClient client = platform.CreateClient(key);
                using var stop = new CancellationTokenSource();
                int killAfter = random.Next(5, 60);
                Task[] work = [.. Enumerable.Range(0, Clients).Select(i => LoadAsync(client, i, answered, started, () => { if (Volatile.Read(ref killAfter) > 0 && Interlocked.Decrement(ref killAfter) == 0) { stop.Cancel(); } }, stop.Token))];
                while (!stop.IsCancellationRequested)
                {
                    await Task.Delay(1);
                }

                await platform.KillAsync();
                await Task.WhenAll(work);
            }

            await using PlatformProcess again = await PlatformProcess.StartAsync(directory);
            using HttpClient reader = again.CreateClient();
            await CheckAsync(reader, answered, started, round);
            await output.WriteLineAsync($"ok   kill {round}/{rounds}: {answered.Count} whole, {started.Count} begun");
            await again.KillAsync();
        }
    }

    /// <summary>200 calls at once on 50, then on a budget of tokens.</summary>
    public async Task BurstAsync()
    {
        await using FakeUpstream upstream = await FakeUpstream.StartAsync();
        upstream.Remembers = false;
        upstream.Answer = new FakeAnswer { InputTokens = 100, CachedTokens = 0, OutputTokens = 400 };
        string path = Directory.CreateTempSubdirectory("muniment-burst-").FullName;
        await using PlatformProcess platform = await PlatformProcess.StartAsync(path);
        using HttpClient admin = platform.CreateClient();
        string key = await SetUpAsync(admin, upstream.Address, "rules: []\nlimits: [{ id: fifty, per: key, calls: 50, window: 1d, then: deny, on: [model.invoke] }]");
        using HttpClient client = platform.CreateClient(key);
        HttpStatusCode[] answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => AskAsync(client, 16)));
        burstAllowed = answers.Count(status => status is HttpStatusCode.OK);
        if (burstAllowed != 50 || answers.Any(status => status is not (HttpStatusCode.OK or HttpStatusCode.TooManyRequests)))
        {
            throw new FaultException($"of 200 calls at once on calls: 50 there passed {burstAllowed}; answers {string.Join(", ", answers.GroupBy(s => s).Select(g => $"{(int)g.Key}: {g.Count()}"))}");
        }

        // Each call uses 500 tokens and reserves less (its body and 100 of output), so calls in flight may go over by what they use beyond their reservation.
        const int limit = 20_000, used = 500, atOnce = 20;
        string second = await SetUpAsync(admin, upstream.Address, $"rules: []\nlimits: [{{ id: tokens, per: key, tokens: {limit}, window: 1d, then: deny }}]");
        using HttpClient spender = platform.CreateClient(second);
        int passed = 0;
        for (int wave = 0; wave < 10; wave++)
        {
            passed += (await Task.WhenAll(Enumerable.Range(0, atOnce).Select(_ => AskAsync(spender, 100)))).Count(status => status is HttpStatusCode.OK);
        }

        tokensOver = Math.Max(0, ((long)passed * used) - limit);
        if (tokensOver > atOnce * used || passed * used < limit - (atOnce * used))
        {
            throw new FaultException($"on {limit} tokens there passed {passed} calls of {used}: {tokensOver} over, allowed {atOnce * used}");
        }
    }

    /// <summary>
    /// kill -9 in the middle of 200 calls at once on <c>calls: 50</c>, and of waves on a budget of tokens; after the restart the burst goes on. What was let through is counted by the decision
    /// events: exactly 50 calls, tokens over by at most what was in flight, and no client has an answer that is not among them.
    /// </summary>
    public async Task CrashedBurstsAsync(int rounds)
    {
        const int Calls = 50, Tokens = 20_000, Used = 500, AtOnce = 20;
        await using FakeUpstream upstream = await FakeUpstream.StartAsync();
        upstream.Remembers = false;
        string path = Directory.CreateTempSubdirectory("muniment-crashed-burst-").FullName;
        for (int round = 1; round <= rounds; round++)
        {
            bool counts = round % 2 == 1;
            upstream.Answer = new FakeAnswer { InputTokens = 100, CachedTokens = 0, OutputTokens = 400, DelayMs = random.Next(3) * 10 };
            int atOnce = counts ? 200 : AtOnce, killAt = random.Next(1, counts ? Calls : Tokens / Used), seen = 0, arrived = 0;
            string key;
            await using (PlatformProcess platform = await PlatformProcess.StartAsync(path))
            {
                using HttpClient admin = platform.CreateClient();
                key = await SetUpAsync(admin, upstream.Address, counts
                    ? $"rules: []\nlimits: [{{ id: fifty, per: key, calls: {Calls}, window: 1d, then: deny, on: [model.invoke] }}]"
                    : $"rules: []\nlimits: [{{ id: tokens, per: key, tokens: {Tokens}, window: 1d, then: deny }}]");
                using HttpClient client = platform.CreateClient(key);
                var due = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                upstream.Intercept = (_, _) =>
                {
                    // Calls reach the upstream beside their first event, so here some are recorded, some are being recorded and some are not.
                    if (Interlocked.Increment(ref arrived) == killAt)
                    {
                        due.SetResult();
                    }

                    return Task.FromResult(false);
                };
                Task[] burst = [.. Enumerable.Range(0, atOnce).Select(_ => Task.Run(async () =>
                {
                    HttpStatusCode? status;
                    do
                    {
                        status = await TryAskAsync(client, 100);
                        Interlocked.Add(ref seen, status is HttpStatusCode.OK ? 1 : 0);
                    }
                    while (!counts && status is not null);
                }))];
                await due.Task;
                await platform.KillAsync();
                await Task.WhenAll(burst);
                upstream.Intercept = null;
            }

            await using PlatformProcess again = await PlatformProcess.StartAsync(path);
            using HttpClient reader = again.CreateClient();
            string id = key.Split('_')[^2];
            int before = await AllowedAsync(reader, id);
            using HttpClient goesOn = again.CreateClient(key);
            for (int wave = 0; wave < (counts ? 1 : 5); wave++)
            {
                seen += (await Task.WhenAll(Enumerable.Range(0, atOnce).Select(_ => AskAsync(goesOn, 100)))).Count(status => status is HttpStatusCode.OK);
            }

            int allowed = await AllowedAsync(reader, id);
            string what = $"{(counts ? "calls" : "tokens")}: killed with {before} let through, {allowed} in the end, {seen} answered";
            bool right = seen <= allowed && (counts ? allowed == Calls : allowed * Used >= Tokens - (AtOnce * Used) && allowed * Used <= Tokens + (2 * AtOnce * Used));
            crashes.Add(new { limit = counts ? "calls" : "tokens", before, allowed, seen });
            if (!right)
            {
                throw new FaultException($"crash {round}: {what}");
            }

            await output.WriteLineAsync($"ok   crash in a burst {round}/{rounds}, {what}");
            await again.KillAsync();
        }
    }

    private static async Task<string> SetUpAsync(HttpClient admin, string upstream, string policy)
    {
        await PutAsync(admin, "upstreams/oai", $"{{\"kind\":\"openai\",\"base_url\":\"{upstream}/v1\",\"credential\":\"{FakeUpstream.Key}\"}}", "application/json");
        await PutAsync(admin, "policies/guard", policy, "application/yaml");
        using HttpResponseMessage response = await admin.PostAsJsonAsync("api/v1/keys", new { role = "agent", name = "soak" });
        return JsonDocument.Parse(await response.EnsureSuccessStatusCode().Content.ReadAsStringAsync()).RootElement.GetProperty("key").GetString()!;
    }

    private static async Task PutAsync(HttpClient admin, string path, string body, string type)
    {
        using HttpResponseMessage response = await admin.PutAsync("api/v1/" + path, new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue(type)));
        if (!response.IsSuccessStatusCode)
        {
            throw new FaultException($"{path}: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}");
        }
    }

    private static StringContent Body(bool streamed, int output) =>
        new($"{{\"model\":\"gpt-4o\",\"max_tokens\":{output},\"stream\":{(streamed ? "true" : "false")},\"messages\":[{{\"role\":\"user\",\"content\":\"hello\"}}]}}", Encoding.UTF8, "application/json");

    private static async Task<HttpStatusCode> AskAsync(HttpClient client, int output)
    {
        using HttpResponseMessage response = await client.PostAsync("llm/oai/v1/chat/completions", Body(false, output));
        await response.Content.ReadAsStringAsync();
        return response.StatusCode;
    }

    private static async Task<HttpStatusCode?> TryAskAsync(HttpClient client, int output)
    {
        try
        {
            return await AskAsync(client, output);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return null; // killed
        }
    }

    // One event a call that was let through, whether or not its answer followed.
    private static async Task<int> AllowedAsync(HttpClient admin, string key)
    {
        using JsonDocument page = JsonDocument.Parse(await admin.GetStringAsync($"api/v1/events?action=model.invoke&result=allowed&limit=1000&key={key}"));
        return page.RootElement.GetProperty("items").GetArrayLength();
    }

    private static async Task LoadAsync(HttpClient client, int number, List<string> answered, List<string> started, Action seen, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, "llm/oai/v1/chat/completions") { Content = Body(number % 2 == 0, 50) };
                using HttpResponseMessage response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, CancellationToken.None);
                if (!response.IsSuccessStatusCode)
                {
                    continue;
                }

                string id = response.Headers.GetValues("x-muniment-decision").Single();
                lock (started)
                {
                    started.Add(id);
                }

                string text = await response.Content.ReadAsStringAsync(CancellationToken.None);
                if (number % 2 == 0 ? text.EndsWith("[DONE]\n\n", StringComparison.Ordinal) : text.EndsWith('}'))
                {
                    lock (answered)
                    {
                        answered.Add(id);
                    }

                    seen();
                }
            }
            catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
            {
                // Killed.
                if (stop.IsCancellationRequested)
                {
                    return;
                }
            }
        }
    }

    private async Task CheckAsync(HttpClient reader, List<string> answered, List<string> started, int round)
    {
        foreach (string id in started)
        {
            bool isWhole = answered.Contains(id);
            string[] actions = [];
            for (DateTime end = DateTime.UtcNow.AddSeconds(20); DateTime.UtcNow < end; await Task.Delay(100))
            {
                using JsonDocument page = JsonDocument.Parse(await reader.GetStringAsync("api/v1/events?order=asc&decision=" + id));
                actions = [.. page.RootElement.GetProperty("items").EnumerateArray().Select(e => e.GetProperty("action").GetString()!)];
                if (actions.Length >= 2)
                {
                    break;
                }
            }

            bool right = actions is ["model.invoke", "model.respond"] || (!isWhole && actions is ["model.invoke", "decision.interrupted"]);
            if (!right)
            {
                throw new FaultException($"round {round}: decision {id}, which a client saw {(isWhole ? "whole" : "begin")}, has the events [{string.Join(", ", actions)}]");
            }

            whole += isWhole ? 1 : 0;
            begun++;
            interrupted += actions[1] is "decision.interrupted" ? 1 : 0;
        }
    }
}
