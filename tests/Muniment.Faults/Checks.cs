using System.Text.Json;
using Muniment.Testing;

namespace Muniment.Faults;

/// <summary>The invariants that hold after every crash, checked through the public API and at the sinks.</summary>
internal static class Checks
{
    /// <summary>Whether a failpoint has killed the platform; an end of any other kind is a fault of its own.</summary>
    public static bool DiedThere(PlatformProcess platform) =>
        platform.HasExited && (platform.ExitCode == PlatformEndedException.Killed ? true : throw new FaultException($"the platform ended with {platform.ExitCode} by itself:\n{platform.Output}"));

    /// <summary>Every acknowledged marker is there exactly once, no marker twice, and seq is dense from 0. Returns seq and correlation of all entries, in order.</summary>
    public static async Task<List<(long Seq, string Marker, string Stream)>> LogAsync(HttpClient client, ICollection<string> acknowledged)
    {
        var entries = new List<(long Seq, string Marker, string Stream)>();
        using HttpResponseMessage response = await client.GetAsync("api/v1/export?format=ndjson&order=asc", HttpCompletionOption.ResponseHeadersRead);
        response.EnsureSuccessStatusCode();
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        while (await reader.ReadLineAsync() is { } line)
        {
            using JsonDocument document = JsonDocument.Parse(line);
            JsonElement e = document.RootElement;
            string marker = e.TryGetProperty("trace", out JsonElement trace) && trace.TryGetProperty("correlation", out JsonElement c) ? c.GetString()! : "";
            entries.Add((e.GetProperty("seq").GetInt64(), marker, e.TryGetProperty("stream", out JsonElement s) ? s.GetString() ?? "" : ""));
        }

        for (int i = 0; i < entries.Count; i++)
        {
            if (entries[i].Seq != i)
            {
                throw new FaultException($"seq is not dense: entry {i} has seq {entries[i].Seq}");
            }
        }

        var seen = new Dictionary<string, int>();
        foreach ((_, string marker, _) in entries.Where(e => e.Marker.StartsWith("m-", StringComparison.Ordinal)))
        {
            seen[marker] = seen.GetValueOrDefault(marker) + 1;
        }

        if (seen.FirstOrDefault(s => s.Value > 1) is { Key: not null } twice)
        {
            throw new FaultException($"event {twice.Key} is stored {twice.Value} times");
        }

        if (acknowledged.FirstOrDefault(a => !seen.ContainsKey(a)) is { } lost)
        {
            throw new FaultException($"acknowledged event {lost} is lost ({acknowledged.Count(a => !seen.ContainsKey(a))} of {acknowledged.Count})");
        }

        return entries;
    }

    /// <summary>
    /// The sink holds every event of the stream in order: first arrivals ascend without a gap against the log, and a repeat goes back only into the batch
    /// that was in flight when the platform died.
    /// </summary>
    public static void Delivered(string sink, IReadOnlyList<long> arrivals, IReadOnlyList<long> expected, int maxBatch, int crashes)
    {
        long newest = -1;
        int next = 0, duplicates = 0;
        foreach (long seq in arrivals)
        {
            if (seq <= newest)
            {
                duplicates++;
                if (next - Position(expected, seq, next) > maxBatch)
                {
                    throw new FaultException($"{sink}: seq {seq} came again after {newest}, further back than one batch of {maxBatch}");
                }

                continue;
            }

            if (next >= expected.Count || expected[next] != seq)
            {
                throw new FaultException($"{sink}: seq {seq} arrived where {(next < expected.Count ? expected[next] : -1)} was due");
            }

            newest = seq;
            next++;
        }

        if (next < expected.Count)
        {
            throw new FaultException($"{sink}: {expected.Count - next} event(s) missing, the first is seq {expected[next]}");
        }

        if (duplicates > (long)crashes * maxBatch)
        {
            throw new FaultException($"{sink}: {duplicates} duplicates after {crashes} crashes, more than the batches in flight");
        }
    }

    /// <summary>Waits until a sink has the last expected seq.</summary>
    public static async Task ArrivedAsync(Func<long> newest, long expected, string sink)
    {
        for (int i = 0; i < 1500; i++)
        {
            if (newest() >= expected)
            {
                return;
            }

            await Task.Delay(20);
        }

        throw new FaultException($"{sink}: newest is seq {newest()} 30 s after the restart, {expected} is due");
    }

    private static int Position(IReadOnlyList<long> expected, long seq, int upTo)
    {
        int low = 0, high = upTo - 1;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (expected[middle] < seq)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }
}
