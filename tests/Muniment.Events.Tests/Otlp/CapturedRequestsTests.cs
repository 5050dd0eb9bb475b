using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Muniment.Events.Canonical;
using Muniment.Events.Otlp;
using Muniment.Events.Tests.Mapping;

namespace Muniment.Events.Tests.Otlp;

/// <summary>
/// Requests of three real agents (Codex, Gemini CLI, Qwen Code) and the examples of opentelemetry-proto. They lie beside the repository, in a folder
/// <c>shared</c> next to one of its parents; without it the tests are skipped.
/// </summary>
public class CapturedRequestsTests
{
    public static TheoryData<string> Files
    {
        get
        {
            var data = new TheoryData<string>();
            string? shared = Shared();
            foreach (string file in shared is null ? [""] : Directory.EnumerateFiles(shared, "*", SearchOption.AllDirectories).Order().Where(IsRequest))
            {
                data.Add(shared is null ? "" : Path.GetRelativePath(shared, file));
            }

            return data;
        }
    }

    [SkippableTheory]
    [MemberData(nameof(Files))]
    public void Decode_whole_and_map(string file)
    {
        Skip.If(file.Length == 0, "no folder 'shared' with fixtures/agents and vectors/otlp beside the repository");
        OtlpSignal signal = file.Contains("metrics") ? OtlpSignal.Metrics : file.Contains("trace") ? OtlpSignal.Traces : OtlpSignal.Logs;
        byte[] json = Read(Path.Combine(Shared()!, file));
        byte[] protobuf = OtlpJsonTests.Transcode(signal, json);
        (List<Walk.Entry> entries, OtlpError? error) = Walk.Read(signal, protobuf);

        Assert.Null(error);
        Assert.Equal(RecordsIn(json), entries.Count);
        string all = Encoding.UTF8.GetString([.. entries.SelectMany(entry => (byte[])[.. entry.Stored.Resource.Span, .. entry.Stored.Record.Span])]);
        Assert.DoesNotContain("process.command_args", all);
        Assert.Equal(Encoding.UTF8.GetString(json).Contains("process.command_args"), entries.Any(entry => entry.Cut is not null));
        foreach ((Walk.Entry entry, (HashSet<(TermField, string)> terms, long timeNs)) in entries.Zip(Mapped.Terms(signal, protobuf)))
        {
            CanonicalEvent e = Mapped.Map(entry.Stored);
            Mapped.Details(e);
            Assert.NotEqual("record.unreadable", e.Action);
            Assert.Contains((TermField.Action, e.Action), terms);
            Assert.NotEqual(Samples.ReceivedNs, timeNs);
        }
    }

    private static bool IsRequest(string path) =>
        (path.Contains($"{Path.DirectorySeparatorChar}agents{Path.DirectorySeparatorChar}") || path.Contains($"{Path.DirectorySeparatorChar}otlp{Path.DirectorySeparatorChar}"))
        && (path.EndsWith(".json", StringComparison.Ordinal) || path.EndsWith(".json.gz", StringComparison.Ordinal));

    /// <summary>The records in the JSON, counted without the schema.</summary>
    private static int RecordsIn(byte[] json)
    {
        int count = 0;
        using JsonDocument document = JsonDocument.Parse(json);
        foreach (JsonProperty groups in document.RootElement.EnumerateObject())
        {
            foreach (JsonElement group in groups.Value.EnumerateArray())
            {
                foreach (JsonElement scope in group.EnumerateObject().Where(m => m.Name.StartsWith("scope", StringComparison.Ordinal)).SelectMany(m => m.Value.EnumerateArray()))
                {
                    count += scope.EnumerateObject().Where(m => m.Name is "logRecords" or "spans" or "metrics").Sum(m => m.Value.GetArrayLength());
                }
            }
        }

        return count;
    }

    private static byte[] Read(string path)
    {
        using FileStream file = File.OpenRead(path);
        using Stream content = path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : file;
        using var memory = new MemoryStream();
        content.CopyTo(memory);
        return memory.ToArray();
    }

    private static string? Shared()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            string candidate = Path.Combine(at.FullName, "shared");
            if (Directory.Exists(Path.Combine(candidate, "fixtures", "agents")) && Directory.Exists(Path.Combine(candidate, "vectors", "otlp")))
            {
                return candidate;
            }
        }

        return null;
    }
}
