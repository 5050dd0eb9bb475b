using System.Text;
using System.Text.Json.Nodes;
using Muniment.Events.Canonical;
using Muniment.Events.Formats;
using Muniment.Events.Otlp;
using Muniment.Events.Tests.Canonical;
using Muniment.Events.Tests.Mapping;
using Muniment.Events.Tests.Otlp;
using Muniment.TestData;

namespace Muniment.Events.Tests.Formats.Support;

/// <summary>The events that every format is tried with: every kind of action, full and bare; hostile texts; generated ones; what real agents sent.</summary>
internal static class FormatEvents
{
    /// <summary>Stream, action, result and risk of the hand-made ones.</summary>
    public static readonly (string Stream, string Action, string Result, string? Risk)[] Kinds =
    [
        ("activity", "session.start", "info", null), ("activity", "session.end", "success", null), ("activity", "prompt.submit", "info", null), ("activity", "response.receive", "info", null),
        ("decision", "model.invoke", "allowed", "low"), ("decision", "model.invoke", "denied", "high"), ("decision", "model.invoke", "redacted", "medium"), ("decision", "model.invoke", "modified", null),
        ("decision", "model.respond", "allowed", null), ("activity", "model.fail", "error", null), ("activity", "model.refuse", "failure", null), ("system", "decision.interrupted", "error", null),
        ("activity", "tool.execute", "success", null), ("activity", "tool.execute", "failure", "medium"), ("decision", "tool.call", "denied", "critical"), ("activity", "tool.approve", "allowed", null),
        ("activity", "command.execute", "success", "low"), ("activity", "command.execute", "failure", "critical"), ("decision", "command.execute", "denied", "high"), ("activity", "sandbox.deny", "denied", null),
        ("activity", "file.read", "success", null), ("activity", "file.create", "success", null), ("activity", "file.modify", "success", "medium"), ("activity", "file.delete", "denied", null),
        ("activity", "file.rename", "success", null), ("activity", "patch.apply", "success", null), ("decision", "mcp.call", "allowed", null), ("activity", "mcp.connect", "failure", null),
        ("activity", "git.commit", "success", null), ("activity", "git.push", "denied", "high"), ("activity", "pr.create", "success", null), ("activity", "auth.login", "success", null),
        ("activity", "auth.fail", "failure", null), ("activity", "auth.logout", "success", null), ("activity", "user.create", "success", null), ("activity", "user.delete", "success", null),
        ("activity", "user.role_change", "success", null), ("admin", "policy.create", "success", null), ("admin", "policy.update", "success", null), ("admin", "policy.rollback", "success", null),
        ("admin", "key.create", "success", null), ("admin", "key.revoke", "success", null), ("admin", "destination.create", "success", null), ("admin", "destination.pause", "success", null),
        ("admin", "destination.resume", "success", null), ("admin", "destination.delete", "success", null), ("admin", "settings.update", "success", null), ("admin", "tenant.visit", "info", null),
        ("admin", "tenant.create", "success", null), ("admin", "retention.update", "success", null), ("admin", "backup.create", "success", null), ("admin", "something.new", "success", null),
        ("alert", "alert.fire", "info", "critical"), ("alert", "alert.fire", "info", null), ("alert", "alert.ack", "info", "high"), ("alert", "alert.close", "info", "low"),
        ("system", "audit.export", "success", null), ("system", "retention.purge", "success", null), ("system", "erasure.complete", "success", null), ("system", "collector.gap", "error", null),
        ("system", "destination.test", "info", null), ("system", "destination.pause", "failure", "high"), ("system", "destination.expire", "info", "high"), ("system", "event.unreadable", "error", null), ("activity", "plugin.install", "success", null), ("activity", "package.install", "success", null),
        ("activity", "permission_mode.change", "success", "high"), ("activity", "hook.run", "failure", null), ("activity", "subagent.start", "success", null), ("activity", "network.request", "success", null),
        ("activity", "secret.detect", "info", "high"), ("activity", "codex.tool_result", "success", null), ("activity", "gemini_cli.api_response", "success", null), ("activity", "execute", "success", null),
        ("activity", "deploy", "success", null), ("activity", "log.record", "info", null), ("activity", "span.end", "error", null), ("activity", "ticket.update", "success", null), ("activity", "x", "info", null),
    ];

    /// <summary>Texts that break formats that do not escape.</summary>
    public static readonly string[] Hostile =
    [
        "a|b=c\\d", "line\nfeed", "carriage\rreturn\r\n", "tab\there", "quote\" 'single' `back`", "=cmd|' /C calc'!A0", "+1-2@3", "emoji 😀😀😀", "bell\u0007\u001b[31m", "sep\u2028par\u2029", "<script>&amp;",
        " leading and trailing ", "CEF:0|x|y|z|1|n|5|a=b cs1=c", "ключ=значение", "\\", "\\\\n", "^\t^", "x09", "{\"json\":[1,2]}", "a\u0085b\u000bc\u000cd", "@SUM(1)", "-2+3",
        new string('x', 39) + "😀", new string('x', 62) + "😀", new string('x', 254) + "😀", new string('x', 1022) + "😀", // at the limits of CEF's keys
    ];

    public static IEnumerable<(string Name, CanonicalEvent Event)> All() => HandMade().Concat(HostileOnes()).Concat(Generated()).Concat(Captured());

    public static IEnumerable<(string Name, CanonicalEvent Event)> HandMade()
    {
        int n = 0;
        foreach ((string stream, string action, string result, string? risk) in Kinds)
        {
            yield return ($"full {stream} {action} {result}", Make(Full(action, result, risk), stream, n++));
            yield return ($"bare {stream} {action} {result}", Make(Bare(action, result, risk), stream, n++));
        }

        JsonObject noUser = Full("tool.execute", "success", null);
        noUser["actor"] = new JsonObject { ["id"] = "runner-7", ["type"] = "service" };
        noUser["client"] = new JsonObject { ["address"] = "build-host.example.com" };
        noUser["usage"] = new JsonObject { ["input"] = 9_000_000_000_000, ["output"] = 12 };
        noUser["tool"] = new JsonObject { ["name"] = "Bash", ["command"] = "ls", ["exit_code"] = 99_999_999_999, ["success"] = false };
        yield return ("large numbers", Make(noUser, "activity", n++));
        JsonObject empty = Full("file.read", "success", null);
        empty["target"] = "";
        empty["artifact"] = new JsonObject { ["name"] = "" };
        empty["trace"] = new JsonObject { ["session"] = "" };
        yield return ("empty texts", Make(empty, "activity", n++));
        JsonObject six = Full("auth.login", "failure", null);
        six["client"] = new JsonObject { ["address"] = "2001:db8::1", ["place"] = "Basel, CH" };
        yield return ("IPv6", Make(six, "activity", n++));
    }

    public static IEnumerable<(string Name, CanonicalEvent Event)> HostileOnes()
    {
        int n = 5000;
        foreach (string text in Hostile)
        {
            foreach (string action in (string[])["tool.execute", "command.execute", "file.modify", "policy.update"])
            {
                yield return ($"hostile {action} {n}", MakeHostile(text, action, n++));
            }
        }
    }

    public static CanonicalEvent MakeHostile(string text, string action, long seq)
    {
        JsonObject e = Full(action, "denied", "high");
        Poison(e, text);
        return Make(e, "activity", seq);
    }

    public static IEnumerable<(string Name, CanonicalEvent Event)> Generated()
    {
        EventGenerator generator = new(11);
        for (int i = 0; i < 40; i++)
        {
            yield return ($"generated {i}", Reading.Read(Encoding.UTF8.GetString(generator.JsonEvent()), seq: 9000 + i));
        }

        foreach (StoredEvent stored in Walk.Read(OtlpSignal.Logs, generator.LogsRequest(40)).Entries.Select(e => e.Stored))
        {
            yield return ($"generated log {stored.Seq}", Read(stored));
        }
    }

    public static IEnumerable<(string Name, CanonicalEvent Event)> Captured()
    {
        foreach (string file in CapturedRequestsTests.Files)
        {
            if (file.Length == 0 || file.Contains("metrics"))
            {
                continue;
            }

            OtlpSignal signal = file.Contains("trace") ? OtlpSignal.Traces : OtlpSignal.Logs;
            int n = 0;
            foreach (Walk.Entry entry in Walk.Read(signal, CapturedRequestsTests.Protobuf(file, signal)).Entries.Take(60))
            {
                yield return ($"{file} {n++}", Read(entry.Stored));
            }
        }
    }

    public static DestinationMarks Destination { get; } = new("log.example/acme", "siem-1");

    public static EventMarks Marks(CanonicalEvent e) => new(Destination, e.Seq, new byte[] { 1, 2, 3, 0xAB }.Concat(new byte[28]).ToArray(), 3, 41);

    public static byte[] Write(IEventFormat format, CanonicalEvent e, EventMarks marks)
    {
        System.Buffers.ArrayBufferWriter<byte> output = new();
        format.Write(e, marks, output);
        return output.WrittenSpan.ToArray();
    }

    public static JsonObject Full(string action, string result, string? risk) => new()
    {
        ["id"] = "0197f2a1-aaaa-7bbb-8ccc-123456789abc",
        ["ts"] = "2026-11-20T10:11:12.123456789Z",
        ["actor"] = new JsonObject { ["id"] = "agent-id-1", ["type"] = "agent", ["user"] = "j.patel@acme.example" },
        ["agent"] = new JsonObject { ["kind"] = "claude-code", ["version"] = "2.1.207", ["surface"] = "cli", ["instance"] = "install-77" },
        ["action"] = action,
        ["artifact"] = new JsonObject { ["kind"] = "file-kind", ["name"] = "artifact-name", ["version"] = "9.8.7", ["digest"] = "sha256:" + new string('a', 63) + "b" },
        ["policy"] = new JsonObject { ["id"] = "policy-id-5", ["version"] = 12, ["digest"] = "sha256:" + new string('c', 64), ["rule"] = "rule-secrets" },
        ["target"] = "/srv/repo/src/Program.cs",
        ["mode"] = "adaptive",
        ["trace"] = new JsonObject
        {
            ["trace_id"] = "0af7651916cd43dd8448eb211c80319c", ["span_id"] = "b7ad6b7169203331", ["session"] = "session-5f", ["turn"] = "turn-3", ["correlation"] = "corr-0001", ["request"] = "req_0123",
        },
        ["result"] = result,
        ["reason"] = "because of the reason",
        ["risk"] = risk,
        ["resource"] = new JsonObject
        {
            ["workspace"] = "ws-9", ["project"] = "billing", ["team"] = "payments-team", ["environment"] = "production", ["repo"] = "github.com/acme/billing", ["ticket"] = "BIL-17", ["incident"] = "INC-4",
        },
        ["approval"] = new JsonObject { ["by"] = "k.lee@acme.example", ["at"] = "2026-11-20T10:11:10.000000000Z", ["source"] = "user", ["request"] = "apr-3" },
        ["client"] = new JsonObject { ["address"] = "203.0.113.7", ["place"] = "Zurich, CH" },
        ["model"] = new JsonObject { ["provider"] = "anthropic", ["requested"] = "claude-opus-4-1", ["served"] = "claude-opus-4-1-20250805" },
        ["usage"] = new JsonObject
        {
            ["input"] = 1201, ["cache_read"] = 20002, ["cache_write"] = 303, ["output"] = 4044, ["reasoning"] = 55,
            ["cost"] = new JsonObject { ["amount"] = "0.012345", ["unit"] = "USD", ["source"] = "reported" },
        },
        ["tool"] = new JsonObject
        {
            ["name"] = "Bash", ["namespace"] = "mcp", ["server"] = "github-server", ["call"] = "toolu_01", ["command"] = "git push --force origin main", ["duration_ms"] = 1234.5, ["success"] = true, ["exit_code"] = 3,
        },
        ["change"] = new JsonObject { ["files"] = 2, ["added"] = 31, ["removed"] = 17, ["commits"] = 1, ["prs"] = 1, ["tests"] = 8, ["incidents"] = 1 },
        ["details"] = new JsonObject
        {
            ["attributes"] = new JsonObject { ["gen_ai.tool.call.arguments"] = "{\"command\":\"git push\"}", ["http.response.status_code"] = 403, ["nested"] = new JsonObject { ["list"] = new JsonArray(1, "two", true) } },
            ["before"] = new JsonObject { ["enabled"] = true }, ["after"] = new JsonObject { ["enabled"] = false },
        },
    };

    public static CanonicalEvent Make(JsonObject json, string stream, long seq)
    {
        bool platform = stream != "activity";
        if (platform)
        {
            json["stream"] = stream;
        }

        if (stream == "decision" && json.ContainsKey("model"))
        {
            json["decision"] = new JsonObject
            {
                ["id"] = "dec-77", ["phase"] = "request", ["outcome"] = "enforced", ["effects"] = new JsonArray("text_masked"), ["detectors"] = new JsonObject { ["EMAIL"] = 2 },
                ["fields"] = new JsonArray(new JsonObject { ["pointer"] = "/messages/0/content", ["type"] = "EMAIL", ["count"] = 2 }), ["duration_us"] = 812,
            };
        }

        Envelope envelope = new()
        {
            Stream = platform ? null : "activity", Key = "key-3", Receiver = platform ? "platform" : "events", Address = "192.0.2.44", Dialect = "native", Mapper = 4,
        };
        CanonicalEvent e = Reading.Read(json.ToJsonString(), envelope, seq);
        Assert.True(e.Action == (string?)json["action"], e.Reason); // else the parser refused it, and nothing would be tried
        return e;
    }

    private static JsonObject Bare(string action, string result, string? risk)
    {
        JsonObject bare = new() { ["actor"] = new JsonObject { ["id"] = "svc", ["type"] = "service" }, ["action"] = action, ["result"] = result };
        if (risk is not null)
        {
            bare["risk"] = risk;
        }

        return bare;
    }

    private static CanonicalEvent Read(in StoredEvent stored) =>
        new EventReader(Reading.Tenant).Read(stored with { Envelope = EnvelopeCodec.Write(Mapped.Envelope) });

    private static void Poison(JsonNode node, string text)
    {
        if (node is not JsonObject o)
        {
            return;
        }

        foreach (string name in o.Select(m => m.Key).ToArray())
        {
            if (o[name] is JsonObject inner)
            {
                Poison(inner, text);
            }
            else if (o[name] is JsonValue value && value.TryGetValue(out string? old) && name is not ("id" or "ts" or "at" or "action" or "result" or "risk" or "mode" or "type" or "surface" or "source" or "namespace" or "amount" or "trace_id" or "span_id" or "digest"))
            {
                o[name] = old.Length > 24 ? text + old : text + name;
            }
        }
    }
}
