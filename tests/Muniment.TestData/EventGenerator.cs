using System.Text;
using System.Text.Json;

namespace Muniment.TestData;

/// <summary>
/// Makes the events that all figures of this repository are measured with, the same ones for the same seed. An OTLP <c>LogRecord</c> of about 660 bytes with 14 or 15
/// attributes, 6 to 24 words of text, trace and span id; or a canonical JSON event of about 600 bytes. 512 correlations run interleaved, 12 events each on average.
/// Not thread-safe: one generator a thread.
/// </summary>
public sealed class EventGenerator
{
    private const int Interleaved = 512;
    private static readonly string[] _agents = ["claude-code", "codex", "gemini-cli", "cursor", "copilot", "in-house-planner"];
    private static readonly string[] _tools = ["Bash", "Read", "Edit", "Write", "Grep", "WebFetch", "mcp__github__create_pull_request", "mcp__jira__get_issue", "Task", "NotebookEdit"];
    private static readonly string[] _actions = ["tool.execute", "tool.approve", "model.invoke", "model.respond", "file.read", "file.write", "prompt.submit"];
    private static readonly string[] _models = ["claude-opus-4-1", "claude-sonnet-4-5", "gpt-5-codex", "gemini-2.5-pro"];
    private static readonly string[] _folders = ["src", "lib", "app", "services", "internal", "deploy", "docs", "test"];
    private static readonly string[] _extensions = [".cs", ".ts", ".py", ".go", ".md", ".yaml", ".rs"];
    private static readonly string[] _words = MakeWords();

    private readonly Random _random;
    private readonly (string Correlation, string Session, byte[] Trace, int User)[] _running = new (string, string, byte[], int)[Interleaved];
    private readonly string[] _sessions = new string[Interleaved / 4];
    private readonly ProtoWriter _writer = new();
    private long _timeNs;

    /// <summary>A generator; equal seeds make equal events.</summary>
    public EventGenerator(int seed = 1, long startNs = 1_790_000_000_000_000_000)
    {
        _random = new Random(seed);
        _timeNs = startNs;
        for (int i = 0; i < _sessions.Length; i++)
        {
            _sessions[i] = Uuid();
        }

        for (int i = 0; i < Interleaved; i++)
        {
            _running[i] = Start(i);
        }
    }

    /// <summary>An <c>ExportLogsServiceRequest</c> with one resource, one scope and this many records.</summary>
    public byte[] LogsRequest(int count)
    {
        var scopeLogs = new ProtoWriter();
        scopeLogs.Message(1, WriteScope);
        for (int i = 0; i < count; i++)
        {
            scopeLogs.Bytes(2, LogRecord());
        }

        var request = new ProtoWriter();
        request.Message(1, resourceLogs =>
        {
            resourceLogs.Message(1, WriteResource);
            resourceLogs.Bytes(2, scopeLogs.Written);
        });
        return request.ToArray();
    }

    /// <summary>The <c>ResourceLogs</c> of these requests without its scopes.</summary>
    public static byte[] Resource()
    {
        var writer = new ProtoWriter();
        writer.Message(1, WriteResource);
        return writer.ToArray();
    }

    /// <summary>The <c>ScopeLogs</c> of these requests without its records.</summary>
    public static byte[] Scope()
    {
        var writer = new ProtoWriter();
        writer.Message(1, WriteScope);
        return writer.ToArray();
    }

    /// <summary>The next event as an OTLP <c>LogRecord</c>.</summary>
    public byte[] LogRecord()
    {
        GeneratedEvent e = Next();
        ProtoWriter w = _writer;
        w.Clear();
        w.Fixed64(1, (ulong)e.TimeNs);
        w.Varint(2, 9);
        w.Message(5, body => body.Text(1, e.Text));
        w.Attribute(6, "correlation.id", e.Correlation);
        w.Attribute(6, "gen_ai.agent.name", e.Agent);
        w.Attribute(6, "enduser.id", e.User);
        w.Attribute(6, "gen_ai.tool.name", e.Tool);
        w.Attribute(6, "action", e.Action);
        w.Attribute(6, "verdict", e.Verdict);
        w.Attribute(6, "policy.id", e.Policy);
        w.Attribute(6, "policy.version", e.PolicyVersion);
        w.Attribute(6, "gen_ai.request.model", e.Model);
        w.Attribute(6, "gen_ai.usage.input_tokens", e.InputTokens);
        w.Attribute(6, "gen_ai.usage.output_tokens", e.OutputTokens);
        w.Attribute(6, "duration_ms", e.DurationMs);
        w.Attribute(6, "file.path", e.Path);
        w.Attribute(6, "session.id", e.Session);
        if (e.Digest is not null)
        {
            w.Attribute(6, "artifact.sha256", e.Digest);
        }

        w.Bytes(9, e.TraceId);
        w.Bytes(10, e.SpanId);
        w.Fixed64(11, (ulong)e.TimeNs + 1_250_000);
        return w.ToArray();
    }

    /// <summary>The next event as a canonical JSON object.</summary>
    public byte[] JsonEvent()
    {
        GeneratedEvent e = Next();
        using var stream = new MemoryStream(800);
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteString("ts", Time(e.TimeNs));
            json.WriteStartObject("actor");
            json.WriteString("id", e.Agent);
            json.WriteString("type", "agent");
            json.WriteString("user", e.User);
            json.WriteEndObject();
            json.WriteStartObject("agent");
            json.WriteString("kind", e.Agent);
            json.WriteEndObject();
            json.WriteString("action", e.Action);
            json.WriteStartObject("policy");
            json.WriteString("id", e.Policy);
            json.WriteNumber("version", e.PolicyVersion);
            json.WriteEndObject();
            json.WriteString("target", e.Path);
            json.WriteStartObject("trace");
            json.WriteString("trace_id", Convert.ToHexStringLower(e.TraceId));
            json.WriteString("span_id", Convert.ToHexStringLower(e.SpanId));
            json.WriteString("session", e.Session);
            json.WriteString("correlation", e.Correlation);
            json.WriteEndObject();
            json.WriteString("result", e.Verdict == "allow" ? "allowed" : "denied");
            json.WriteStartObject("model");
            json.WriteString("requested", e.Model);
            json.WriteEndObject();
            json.WriteStartObject("usage");
            json.WriteNumber("input", e.InputTokens);
            json.WriteNumber("output", e.OutputTokens);
            json.WriteEndObject();
            json.WriteStartObject("tool");
            json.WriteString("name", e.Tool);
            json.WriteNumber("duration_ms", e.DurationMs);
            json.WriteEndObject();
            json.WriteStartObject("details");
            json.WriteString("text", e.Text);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return stream.ToArray();
    }

    /// <summary>A JSON array of events, as <c>POST /api/v1/events</c> takes it.</summary>
    public byte[] JsonArray(int count)
    {
        using var stream = new MemoryStream(count * 700);
        stream.WriteByte((byte)'[');
        for (int i = 0; i < count; i++)
        {
            if (i > 0)
            {
                stream.WriteByte((byte)',');
            }

            stream.Write(JsonEvent());
        }

        stream.WriteByte((byte)']');
        return stream.ToArray();
    }

    private static string Time(long ns) =>
        DateTime.UnixEpoch.AddTicks(ns / 100).ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff", null) + (ns % 100).ToString("00", null) + "Z";

    private static void WriteResource(ProtoWriter resource)
    {
        resource.Attribute(1, "service.name", "agent-gateway");
        resource.Attribute(1, "service.version", "2.14.3");
        resource.Attribute(1, "deployment.environment.name", "production");
        resource.Attribute(1, "host.name", "build-worker-17");
    }

    private static void WriteScope(ProtoWriter scope)
    {
        scope.Text(1, "muniment.generator");
        scope.Text(2, "1.0.0");
    }

    private static string[] MakeWords()
    {
        string[] syllables = ["re", "con", "ta", "ver", "mi", "lo", "pa", "ster", "ing", "ed", "sol", "der", "cu", "ran", "fi", "ne", "bo", "ject", "su", "per"];
        var random = new Random(20_260_101);
        var words = new HashSet<string>();
        while (words.Count < 3000)
        {
            words.Add(string.Concat(Enumerable.Range(0, random.Next(1, 4)).Select(_ => syllables[random.Next(syllables.Length)])));
        }

        return [.. words];
    }

    // A session is a user's, runs several correlations at a time and outlives about 12 of them.
    private (string Correlation, string Session, byte[] Trace, int User) Start(int lane)
    {
        ref string session = ref _sessions[lane / 4];
        session = _random.Next(12) == 0 ? Uuid() : session;
        return (Uuid(), session, Bytes(16), (lane / 4 * 7) % 400);
    }

    private GeneratedEvent Next()
    {
        _timeNs += _random.Next(1_000, 40_000);
        int lane = _random.Next(Interleaved);
        if (_random.Next(12) == 0)
        {
            _running[lane] = Start(lane);
        }

        (string correlation, string session, byte[] trace, int user) = _running[lane];
        return new GeneratedEvent
        {
            TimeNs = _timeNs,
            Correlation = correlation,
            Session = session,
            TraceId = trace,
            SpanId = Bytes(8),
            Agent = _agents[user % _agents.Length],
            User = $"user{user:000}@example.com",
            Tool = _tools[_random.Next(_tools.Length)],
            Action = _actions[_random.Next(_actions.Length)],
            Verdict = _random.Next(20) == 0 ? "deny" : "allow",
            Policy = $"policy-{_random.Next(12):00}",
            PolicyVersion = 1 + _random.Next(4),
            Model = _models[_random.Next(_models.Length)],
            InputTokens = _random.Next(200, 60_000),
            OutputTokens = _random.Next(5, 4_000),
            DurationMs = Math.Round(_random.NextDouble() * 4_000, 2),
            Path = $"/{Pick(_folders)}/{Pick(_words)}/{Pick(_words)}{Pick(_extensions)}",
            Digest = _random.Next(8) == 0 ? Convert.ToHexStringLower(Bytes(32)) : null,
            Text = Sentence(),
        };
    }

    private string Sentence()
    {
        var text = new StringBuilder();
        int count = _random.Next(6, 25);
        for (int i = 0; i < count; i++)
        {
            // Squaring makes some words common and most rare, as in real text.
            double at = _random.NextDouble();
            text.Append(i == 0 ? "" : " ").Append(_words[(int)(at * at * _words.Length)]);
        }

        return text.ToString();
    }

    private string Pick(string[] values) => values[_random.Next(values.Length)];

    private string Uuid() => new Guid(Bytes(16)).ToString();

    private byte[] Bytes(int count)
    {
        byte[] bytes = new byte[count];
        _random.NextBytes(bytes);
        return bytes;
    }
}
