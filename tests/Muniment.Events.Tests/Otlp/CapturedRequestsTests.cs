using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Muniment.Events.Canonical;
using Muniment.Events.Otlp;
using Muniment.Events.Tests.Mapping;

namespace Muniment.Events.Tests.Otlp;

/// <summary>
/// Requests of three real agents (Codex, Gemini CLI, Qwen Code) and the examples of opentelemetry-proto, from <c>tests/fixtures</c>. A copy of the tests
/// without that folder skips them.
/// </summary>
public class CapturedRequestsTests
{
    public static TheoryData<string> Files
    {
        get
        {
            var data = new TheoryData<string>();
            string? root = Fixtures();
            foreach (string file in root is null ? [""] : Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories).Order().Where(IsRequest))
            {
                data.Add(root is null ? "" : Path.GetRelativePath(root, file));
            }

            return data;
        }
    }

    [SkippableTheory]
    [MemberData(nameof(Files))]
    public void Decode_whole_and_map(string file)
    {
        Skip.If(file.Length == 0, "no folder tests/fixtures with agents and otlp above the test's binaries");
        OtlpSignal signal = SignalOf(file);
        byte[] json = Read(Path.Combine(Fixtures()!, file));
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

    internal static OtlpSignal SignalOf(string file) => file.Contains("metrics") ? OtlpSignal.Metrics : file.Contains("trace") ? OtlpSignal.Traces : OtlpSignal.Logs;

    /// <summary>One captured request as protobuf.</summary>
    internal static byte[] Protobuf(string file, OtlpSignal signal) => OtlpJsonTests.Transcode(signal, Read(Path.Combine(Fixtures()!, file)));

    internal static bool IsRequest(string path) =>
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

    internal static byte[] Read(string path)
    {
        using FileStream file = File.OpenRead(path);
        using Stream content = path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : file;
        using var memory = new MemoryStream();
        content.CopyTo(memory);
        return memory.ToArray();
    }

    internal static string? Fixtures()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            string candidate = Path.Combine(at.FullName, "tests", "fixtures");
            if (Directory.Exists(Path.Combine(candidate, "agents")) && Directory.Exists(Path.Combine(candidate, "otlp")))
            {
                return candidate;
            }
        }

        return null;
    }
}
