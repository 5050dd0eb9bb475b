using System.Text;

namespace Muniment.Events.Canonical.Copying;

/// <summary>One object of the contract: its members in the order in which they are written, each with its slot among all values of an event.</summary>
internal sealed class CopyPart
{
    /// <summary>Slots of all parts together.</summary>
    public const int Slots = 64;

    public static readonly CopyPart Actor = new("actor", 0, new("id"), new("type", CopyForm.Word, Vocabulary.ActorTypes), new("user"));
    public static readonly CopyPart Agent = new("agent", 3, new("kind"), new("version"), new("surface", CopyForm.Word, Vocabulary.Surfaces), new("instance"));
    public static readonly CopyPart Artifact = new("artifact", 7, new("kind"), new("name"), new("version"));
    public static readonly CopyPart Policy = new("policy", 11, new("id"), new("version", CopyForm.Digits), new("rule"));
    public static readonly CopyPart Trace = new("trace", 15, new("trace_id", CopyForm.Hex, length: 32), new("span_id", CopyForm.Hex, length: 16), new("session"), new("turn"), new("correlation"), new("request"));
    public static readonly CopyPart Resource = new("resource", 21, new("workspace"), new("project"), new("team"), new("environment"), new("repo"), new("ticket"), new("incident"));
    public static readonly CopyPart Client = new("client", 28, new("address"), new("place"));
    public static readonly CopyPart Model = new("model", 30, new("provider"), new("requested"), new("served"));
    public static readonly CopyPart Usage = new(
        "usage", 33, new("input", CopyForm.Digits), new("cache_read", CopyForm.Digits), new("cache_write", CopyForm.Digits), new("output", CopyForm.Digits), new("reasoning", CopyForm.Digits));
    public static readonly CopyPart Tool = new(
        "tool", 38, new("name"), new("namespace", CopyForm.Word, Vocabulary.ToolNamespaces), new("server"), new("call"), new("command"), new("duration_ms", CopyForm.Number),
        new("success", CopyForm.Flag), new("exit_code", CopyForm.Digits));
    public static readonly CopyPart Change = new(
        "change", 46, new("files", CopyForm.Digits), new("added", CopyForm.Digits), new("removed", CopyForm.Digits), new("commits", CopyForm.Digits), new("prs", CopyForm.Digits),
        new("tests", CopyForm.Digits), new("incidents", CopyForm.Digits));

    private CopyPart(string name, int first, params Member[] members)
    {
        First = first;
        Head = Encoding.ASCII.GetBytes($",\"{name}\":{{");
        Members = members;
    }

    /// <summary>Slot of the first member.</summary>
    public int First { get; }

    /// <summary>Comma, name, colon and brace.</summary>
    public byte[] Head { get; }

    /// <summary>Its members. Those that are missing here (digests, amounts of money) are checked or changed when an event is read, so an event with one of them is read.</summary>
    public Member[] Members { get; }

    /// <summary>A member.</summary>
    internal sealed class Member(string name, CopyForm form = CopyForm.Text, Vocabulary? words = null, int length = 0)
    {
        public byte[] Name { get; } = Encoding.ASCII.GetBytes(name);

        /// <summary>Name in quotes and colon.</summary>
        public byte[] Head { get; } = Encoding.ASCII.GetBytes($"\"{name}\":");

        public CopyForm Form { get; } = form;

        public Vocabulary? Words { get; } = words;

        /// <summary>Of hex, how many digits.</summary>
        public int Length { get; } = length;
    }
}
