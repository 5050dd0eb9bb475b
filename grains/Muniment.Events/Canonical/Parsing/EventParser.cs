using System.Text.Json;

namespace Muniment.Events.Canonical.Parsing;

/// <summary>
/// One pass over one event. Split by concern: this file walks the top level, <c>.Parts</c> the nested objects, <c>.Values</c> reads typed values,
/// <c>.Unknown</c> skips and checks what goes to <c>details</c>. The first problem wins; after it every method returns at once.
/// </summary>
internal ref partial struct EventParser
{
    private readonly ReadOnlyMemory<byte> json;
    private readonly SenderKind sender;
    private readonly CanonicalEvent target;
    private Utf8JsonReader reader;
    private ReadOnlySpan<byte> name;
    private int nameStart;
    private int nameLength;
    private ParseStatus status;
    private string? badField;
    private string? expected;
    private List<StrayMember>? strays;
    private int detailsStart;
    private int detailsLength;
    private bool detailsNeedSorting;

    public EventParser(ReadOnlyMemory<byte> json, JsonReaderOptions options, SenderKind sender, CanonicalEvent target)
    {
        this.json = json;
        this.sender = sender;
        this.target = target;
        reader = new Utf8JsonReader(json.Span, options);
    }

    private readonly bool Failed => badField is not null;

    public ParsedEvent Run()
    {
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            Fail("body", "one JSON object");
            return Outcome();
        }

        MemberNames names = default;
        while (Next(ref names, null))
        {
            ReadTopLevel();
        }

        if (!Failed)
        {
            reader.Read(); // throws when anything follows the object
            CheckRequired();
        }

        if (!Failed)
        {
            target.Details = ComposeDetails(out ReadOnlyMemory<byte> claimed);
            target.ClaimedMembers = claimed;
        }

        return Outcome();
    }

    private readonly ParsedEvent Outcome() => Failed
        ? new ParsedEvent(status == ParseStatus.Ok ? ParseStatus.Invalid : status, null, badField, expected)
        : new ParsedEvent(ParseStatus.Ok, target, null, null);

    private void CheckRequired()
    {
        if (string.IsNullOrEmpty(target.Actor.Id))
        {
            Fail("actor", "an object with a non-empty id, or a text such as user:j@acme.com (required)");
        }
        else if (target.Action.Length == 0)
        {
            Fail("action", "a text such as file.write (required)");
        }
        else if (target.Result.Length == 0)
        {
            Fail("result", Vocabulary.Results.Expected + " (required)");
        }
    }

    private void ReadTopLevel()
    {
        switch (name.Length)
        {
            case 2 when name.SequenceEqual("id"u8): ReadId(); break;
            case 2 when name.SequenceEqual("ts"u8): ReadTime(); break;
            case 3 when name.SequenceEqual("seq"u8): ServerOnly(); break;
            case 4 when name.SequenceEqual("mode"u8): target.Mode = Word("mode", Vocabulary.Modes); break;
            case 4 when name.SequenceEqual("risk"u8): target.Risk = Word("risk", Vocabulary.Risks); break;
            case 4 when name.SequenceEqual("tool"u8): target.Tool = ReadTool(); break;
            case 5 when name.SequenceEqual("actor"u8): ReadActor(); break;
            case 5 when name.SequenceEqual("agent"u8): target.Agent = ReadAgent(); break;
            case 5 when name.SequenceEqual("trace"u8): ReadTraceField(); break;
            case 5 when name.SequenceEqual("model"u8): target.Model = ReadModel(); break;
            case 5 when name.SequenceEqual("usage"u8): target.Usage = ReadUsage(); break;
            case 6 when name.SequenceEqual("action"u8): ReadAction(); break;
            case 6 when name.SequenceEqual("policy"u8): ReadPolicyField(); break;
            case 6 when name.SequenceEqual("target"u8): target.Target = Text("target"); break;
            case 6 when name.SequenceEqual("result"u8): target.Result = Word("result", Vocabulary.Results) ?? ""; break;
            case 6 when name.SequenceEqual("reason"u8): target.Reason = Text("reason"); break;
            case 6 when name.SequenceEqual("client"u8): target.Client = ReadClient(); break;
            case 6 when name.SequenceEqual("change"u8): target.Change = ReadChange(); break;
            case 6 when name.SequenceEqual("stream"u8): ReadStream(); break;
            case 6 when name.SequenceEqual("signal"u8): ServerOnly(); break;
            case 6 when name.SequenceEqual("source"u8): ServerOnly(); break;
            case 7 when name.SequenceEqual("details"u8): ReadDetails(); break;
            case 8 when name.SequenceEqual("artifact"u8): ReadArtifactField(); break;
            case 8 when name.SequenceEqual("resource"u8): target.Resource = ReadResource(); break;
            case 8 when name.SequenceEqual("approval"u8): target.Approval = ReadApproval(); break;
            case 8 when name.SequenceEqual("received"u8): ServerOnly(); break;
            case 8 when name.SequenceEqual("decision"u8): ReadDecision(); break;
            default: Unknown(null); break;
        }
    }

    private void ReadId()
    {
        string? id = Text("id");
        if (id is null || Failed)
        {
            return;
        }

        if (!EventIds.IsValid(id))
        {
            Fail("id", EventIds.Expected);
            return;
        }

        target.Id = id;
        target.HasSenderId = true;
    }

    private void ReadTime()
    {
        if (Time("ts", out long unixNs))
        {
            target.TimeNs = unixNs;
        }
    }

    private void ReadAction()
    {
        string? action = Text("action");
        if (action is null || Failed)
        {
            return;
        }

        if (action.Length is 0 or > EventLimits.MaxActionLength || action.AsSpan().ContainsAnyInRange('\0', '\x1f'))
        {
            Fail("action", $"1 to {EventLimits.MaxActionLength} characters without control characters, such as file.write");
            return;
        }

        target.Action = action;
    }

    private void ReadStream()
    {
        if (sender == SenderKind.Platform)
        {
            target.Stream = Word("stream", Vocabulary.Streams);
            return;
        }

        Utf8JsonReader before = reader;
        string? stream = Word("stream", Vocabulary.Streams);
        if (Failed || stream is null or "activity")
        {
            return;
        }

        if (sender == SenderKind.Ordinary)
        {
            Fail("stream", $"activity: only the server sets {stream}");
            status = ParseStatus.Forbidden;
            return;
        }

        reader = before;
        ServerOnly();
    }

    private void ReadDecision()
    {
        if (sender == SenderKind.Platform)
        {
            (int start, int length) = Skip("decision");
            target.Decision = json.Slice(start, length);
            return;
        }

        ServerOnly();
    }
}
