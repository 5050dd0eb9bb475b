using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Muniment.Policy.Detectors;
using Muniment.Policy.Redaction;

namespace Muniment.Benchmarks;

/// <summary>
/// Redaction with all default detectors on one core. Texts are this repository's own pages and sources, as they would stand in requests to a model; beside it in the same run: reading
/// the same bodies, i.e. parsing the JSON and decoding every string to UTF-16, which any gateway that looks at a body pays.
/// </summary>
internal static class RedactionBench
{
    private const int BodyBytes = 100_000, DeltaChars = 12;
    private const double GoalMbPerS = 100, GoalEventNs = 3000, GoalBodyMs = 1;
    private static readonly TimeSpan PartTime = TimeSpan.FromSeconds(2);

    public static Task RunAsync(Table table)
    {
        string root = Root();
        string prose = Read(Directory.EnumerateFiles(Path.Combine(root, "docs"), "*.md", SearchOption.AllDirectories));
        string code = Read(Directory.EnumerateFiles(Path.Combine(root, "grains"), "*.cs", SearchOption.AllDirectories).Where(f => !f.Contains("/obj/", StringComparison.Ordinal)));
        string logs = Read([Path.Combine(root, "tests", "fixtures", "redaction", "negatives.txt")]);
        JsonRedactor redactor = new(DetectorSet.Default);
        double worst = double.MaxValue;
        byte[][] warm = [.. Bodies([prose, code])];
        Best(() => Array.ForEach(warm, b => redactor.Redact(b))); // the first seconds compile
        foreach ((string name, string[] texts) in new[] { ("prose", [prose]), ("code", [code]), ("prose and code", new[] { prose, code }) })
        {
            byte[][] bodies = [.. Bodies(texts)];
            double bytes = bodies.Sum(b => b.Length);
            double read = bytes / Best(() => Array.ForEach(bodies, Decode)) / 1e6;
            double redacted = bytes / Best(() => Array.ForEach(bodies, b => redactor.Redact(b))) / 1e6;
            table.Add($"reading bodies of {name}: JSON and UTF-16", read, "MB/s");
            table.Add($"redacting them, {DetectorSet.Default.Types.Length} detectors", redacted, "MB/s", redacted / read, "reading");
            worst = Math.Min(worst, redacted);
        }

        table.Add("the slowest of these", worst, "MB/s", worst / GoalMbPerS, $"{GoalMbPerS} MB/s", floor: 1);
        byte[] one = Bodies([prose, code]).First();
        table.AddMost("one body of 100 KB", Best(() => redactor.Redact(one)) * 1000, "ms", GoalBodyMs);
        byte[][] dense = [.. Bodies([logs])];
        table.Add("logs, dense with digits and hexadecimals", dense.Sum(b => b.Length) / Best(() => Array.ForEach(dense, b => redactor.Redact(b))) / 1e6, "MB/s");
        foreach ((string name, string text) in new[] { ("prose", prose), ("code", code) })
        {
            string part = text[..Math.Min(text.Length, 200_000)];
            int held = 0;
            double seconds = Best(() => held = Stream(part));
            table.AddMost($"streamed {name}, deltas of {DeltaChars}, at most {held} characters held", seconds / (part.Length / DeltaChars) * 1e9, "ns/event", GoalEventNs);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        redactor.Redact(one);
        table.Add("allocated for one body of 100 KB without a find", GC.GetAllocatedBytesForCurrentThread() - before, "bytes");
        return Task.CompletedTask;
    }

    private static int Stream(string text)
    {
        StreamRedactor stream = new(DetectorSet.Default);
        for (int i = 0; i + DeltaChars <= text.Length; i += DeltaChars)
        {
            stream.Append(text.AsSpan(i, DeltaChars));
        }

        stream.Flush();
        return stream.MaxHeld;
    }

    private static void Decode(byte[] body)
    {
        Utf8JsonReader reader = new(body);
        char[] buffer = System.Buffers.ArrayPool<char>.Shared.Rent(body.Length);
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName)
            {
                reader.CopyString(buffer);
            }
        }

        System.Buffers.ArrayPool<char>.Shared.Return(buffer);
    }

    private static IEnumerable<byte[]> Bodies(string[] texts)
    {
        const int message = 2000;
        int longest = texts.Max(t => t.Length);
        List<object> messages = [];
        int size = 0;
        for (int at = 0; at + message <= longest; at += message)
        {
            foreach (string text in texts.Where(t => t.Length >= at + message))
            {
                messages.Add(new { role = "user", content = text.Substring(at, message) });
                size += message;
            }

            if (size >= BodyBytes || at + (2 * message) > longest)
            {
                yield return JsonSerializer.SerializeToUtf8Bytes(new { model = "gpt-x", messages, stream = true }, Relaxed);
                messages = [];
                size = 0;
            }
        }
    }

    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static double Best(Action run)
    {
        double best = double.MaxValue;
        long began = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(began) < PartTime)
        {
            long started = Stopwatch.GetTimestamp();
            run();
            best = Math.Min(best, Stopwatch.GetElapsedTime(started).TotalSeconds);
        }

        return best;
    }

    private static string Read(IEnumerable<string> files)
    {
        StringBuilder all = new();
        foreach (string file in files.Order(StringComparer.Ordinal))
        {
            all.Append(File.ReadAllText(file));
        }

        return all.ToString();
    }

    private static string Root()
    {
        DirectoryInfo? at = new(AppContext.BaseDirectory);
        while (at is not null && !File.Exists(Path.Combine(at.FullName, "Platform.sln")))
        {
            at = at.Parent;
        }

        return at?.FullName ?? throw new InvalidOperationException("the benchmark reads the repository's own files: run it from there");
    }
}
