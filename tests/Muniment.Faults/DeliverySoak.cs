using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Muniment.Testing;

namespace Muniment.Faults;

/// <summary>
/// kill -9 in mid-delivery to two kinds at once, at random moments and at every failpoint of delivery: a collector under <c>strict</c>, an OTLP receiver under <c>relaxed</c>.
/// After each death: start again, wait until everything arrived, then check at the receivers and in the receipts.
/// </summary>
internal sealed class DeliverySoak(int seed, TextWriter output)
{
    private const int MaxBatch = 50;
    private const int InFlight = 3;
    private const int EventsPerRound = 1500;
    private const int EventsPerRequest = 500;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Random random = new(seed);
    private readonly string directory = Directory.CreateTempSubdirectory("muniment-soak-").FullName;
    private readonly Dictionary<string, int> duplicates = new() { ["hec"] = 0, ["otlp"] = 0 };
    private int crashes;
    private int inMidDelivery;
    private int sent;
    private long entries;

    /// <summary>Figures for the report.</summary>
    public object Result => new { seed, crashes, in_mid_delivery = inMidDelivery, entries, duplicates };

    /// <summary>Runs; throws a <see cref="FaultException"/> at the first broken promise.</summary>
    public async Task RunAsync(int rounds, IReadOnlyList<string> failpoints)
    {
        await using DeliverySink hec = await DeliverySink.StartAsync(otlp: false, seed);
        await using DeliverySink otlp = await DeliverySink.StartAsync(otlp: true, seed + 1);
        (string? Fault, string Label)[] plan =
        [
            .. Enumerable.Range(1, rounds).Select(r => ((string?)null, $"kill {r}/{rounds}")),
            .. failpoints.SelectMany(p => Enumerable.Range(1, 3).Select(n => ((string?)$"{p}:{(n == 1 ? 1 : random.Next(2, 25))}", $"failpoint {p}, {n}/3"))),
        ];
        foreach ((string? fault, string label) in plan)
        {
            (int hecBefore, int otlpBefore) = (Repeats(hec), Repeats(otlp));
            string how;
            try
            {
                how = await CrashAsync(fault, hec, otlp);
            }
            catch (PlatformEndedException e) when (fault is not null && crashes > 0 && e.ExitCode == PlatformEndedException.Killed)
            {
                how = "died at start"; // work was waiting, so the point was passed before it was ready
            }

            crashes++;
            await using PlatformProcess platform = await PlatformProcess.StartAsync(directory);
            using HttpClient client = platform.CreateClient();
            List<(long Seq, string Marker, string Stream)> log = await Checks.LogAsync(client, []);
            entries = log.Count;
            long[] expected = [.. log.Where(e => e.Stream == "activity").Select(e => e.Seq)];
            await ArrivedAsync("hec", hec, expected);
            await ArrivedAsync("otlp", otlp, expected);
            Checks.Delivered("hec", [.. hec.Arrivals.Select(a => a.Seq)], expected, MaxBatch, crashes);
            Same("hec", hec, expected);
            Same("otlp", otlp, expected);
            Repeated("hec", Repeats(hec) - hecBefore, MaxBatch);
            Repeated("otlp", Repeats(otlp) - otlpBefore, MaxBatch * InFlight);
            await ReceiptsAsync(client, "hec", expected.Length);
            await ReceiptsAsync(client, "otlp", expected.Length);
            await platform.KillAsync();
            output.WriteLine($"{label,-44} {how,-44} {expected.Length,7} events  repeated {Repeats(hec) - hecBefore,3} at hec, {Repeats(otlp) - otlpBefore,3} at otlp");
        }

        Directory.Delete(directory, recursive: true);
    }

    private async Task<string> CrashAsync(string? fault, DeliverySink hec, DeliverySink otlp)
    {
        Dictionary<string, string> variables = fault is null ? [] : new() { ["FAULT"] = fault };
        hec.Unwell = otlp.Unwell = true;
        try
        {
            await using PlatformProcess platform = await PlatformProcess.StartAsync(directory, environment: variables);
            int target = hec.Count + otlp.Count + random.Next(MaxBatch, EventsPerRound * 9 / 5);
            try
            {
                using HttpClient client = platform.CreateClient();
                await ConfigureAsync(client, hec, otlp);
                await SendAsync(client);
            }
            catch (HttpRequestException) when (fault is not null)
            {
                // Died there. What was not acknowledged may be in the log or not; the log says which, and delivery owes exactly that.
            }

            Stopwatch watch = Stopwatch.StartNew();
            while (!platform.HasExited && (fault is not null || hec.Count + otlp.Count < target) && watch.Elapsed < (fault is null ? Patience : TimeSpan.FromSeconds(5)))
            {
                await Task.Delay(2);
            }

            bool byItself = Checks.DiedThere(platform);
            await platform.KillAsync();
            int left = 2 * sent - hec.Arrivals.Select(a => a.Seq).Distinct().Count() - otlp.Arrivals.Select(a => a.Seq).Distinct().Count();
            inMidDelivery += left > 0 ? 1 : 0;
            return (byItself ? "died there" : fault is null ? "killed" : "not reached") + $" with {Math.Max(0, left)} deliveries to go";
        }
        finally
        {
            hec.Unwell = otlp.Unwell = false;
        }
    }

    private async Task SendAsync(HttpClient client)
    {
        for (int i = 0; i < EventsPerRound / EventsPerRequest; i++)
        {
            using HttpResponseMessage response = await client.PostAsJsonAsync("api/v1/events", Enumerable.Range(0, EventsPerRequest).Select(k => new
            {
                id = $"d-{seed}-{sent + k}", actor = "user:soak@example.com", action = "tool.call", result = k % 9 == 0 ? "denied" : "success", note = new string('x', random.Next(300)),
            }));
            if (response.StatusCode != HttpStatusCode.Accepted)
            {
                throw new FaultException($"good events were answered {(int)response.StatusCode}: {await response.Content.ReadAsStringAsync()}");
            }

            sent += EventsPerRequest;
        }
    }

    private static async Task ConfigureAsync(HttpClient client, DeliverySink hec, DeliverySink otlp)
    {
        JsonElement existing = await client.GetFromJsonAsync<JsonElement>("api/v1/destinations");
        string[] ids = [.. existing.GetProperty("items").EnumerateArray().Select(d => d.GetProperty("id").GetString()!)];
        if (!ids.Contains("hec"))
        {
            await CreateAsync(client, new
            {
                id = "hec", kind = "splunk_hec", endpoint = hec.Address, credential = new { token = "t" }, streams = new[] { "activity" }, start = "beginning", batch = new { max_events = MaxBatch },
            });
        }

        if (!ids.Contains("otlp"))
        {
            await CreateAsync(client, new
            {
                id = "otlp", kind = "otlp_http", endpoint = otlp.Address, options = new { encoding = "json" }, streams = new[] { "activity" }, format = "canonical", start = "beginning",
                order = "relaxed", batch = new { max_events = MaxBatch, in_flight = InFlight },
            });
        }
    }

    private static async Task CreateAsync(HttpClient client, object destination)
    {
        using HttpResponseMessage response = await client.PostAsJsonAsync("api/v1/destinations", destination);
        if (!response.IsSuccessStatusCode)
        {
            throw new FaultException($"a destination was refused: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}");
        }
    }

    private static int Repeats(DeliverySink sink)
    {
        Delivered[] arrivals = sink.Arrivals;
        return arrivals.Length - arrivals.Select(a => a.Seq).Distinct().Count();
    }

    private void Repeated(string name, int count, int most)
    {
        duplicates[name] += count;
        if (count > most)
        {
            throw new FaultException($"{name}: {count} events came again after one death, {most} could be in flight");
        }
    }

    private static async Task ArrivedAsync(string name, DeliverySink sink, long[] expected)
    {
        Stopwatch watch = Stopwatch.StartNew();
        HashSet<long> missing = [.. expected];
        while (true)
        {
            missing.ExceptWith(sink.Arrivals.Select(a => a.Seq));
            if (missing.Count == 0)
            {
                return;
            }

            if (watch.Elapsed > Patience)
            {
                throw new FaultException($"{name}: {missing.Count} of {expected.Length} events did not arrive within {Patience.TotalSeconds} s, the first is seq {missing.Min()}");
            }

            await Task.Delay(20);
        }
    }

    /// <summary>An event that came again is the same in number and text; numbers are dense; nothing came that was not due.</summary>
    private static void Same(string name, DeliverySink sink, long[] expected)
    {
        if (sink.Wrong.TryPeek(out string? wrong))
        {
            throw new FaultException($"{name}: a request could not be read: {wrong}");
        }

        Dictionary<long, Delivered> first = [];
        foreach (Delivered arrival in sink.Arrivals)
        {
            if (!first.TryAdd(arrival.Seq, arrival) && first[arrival.Seq] != arrival)
            {
                throw new FaultException($"{name}: seq {arrival.Seq} came again as another: {first[arrival.Seq]}, then {arrival}");
            }
        }

        if (first.Count != expected.Length || expected.Any(s => !first.ContainsKey(s)))
        {
            throw new FaultException($"{name}: {first.Count} events are there, {expected.Length} were due");
        }

        long[] numbers = [.. first.Values.Select(a => a.N).Order()];
        for (int i = 0; i < numbers.Length; i++)
        {
            if (numbers[i] != i)
            {
                throw new FaultException($"{name}: number {i} is missing, {numbers[i]} comes next");
            }
        }
    }

    /// <summary>Receipts account for every event, once. The last may still be on its way into the store.</summary>
    private static async Task ReceiptsAsync(HttpClient client, string id, int expected)
    {
        Stopwatch watch = Stopwatch.StartNew();
        while (true)
        {
            long events = 0;
            for (string? at = "0"; at is not null;)
            {
                JsonElement page = await client.GetFromJsonAsync<JsonElement>($"api/v1/destinations/{id}/receipts?limit=1000&cursor={at}");
                events += page.GetProperty("items").EnumerateArray().Sum(r => r.GetProperty("events").GetInt64());
                at = page.GetProperty("next").GetString();
            }

            if (events == expected)
            {
                return;
            }

            if (watch.Elapsed > Patience)
            {
                throw new FaultException($"{id}: receipts speak of {events} events, {expected} arrived");
            }

            await Task.Delay(20);
        }
    }
}
