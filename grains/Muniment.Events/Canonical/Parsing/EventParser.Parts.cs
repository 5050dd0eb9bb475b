using System.Text.Json;

namespace Muniment.Events.Canonical.Parsing;

/// <summary>The nested objects, each in object form or, where the contract has one, flat.</summary>
internal ref partial struct EventParser
{
    private void ReadActor()
    {
        const string What = "an object with an id, or a text such as user:j@acme.com";
        if (IsText(out string? flat, "actor"))
        {
            if (string.IsNullOrEmpty(flat))
            {
                Fail("actor", What);
                return;
            }

            target.Actor = FlatForm.ReadActor(flat);
            return;
        }

        if (!Enter("actor", What))
        {
            return;
        }

        ActorPart part = target.Actor;
        MemberNames names = default;
        while (Next(ref names, "actor"))
        {
            if (name.SequenceEqual("id"u8)) { part.Id = NonEmpty("actor.id"); }
            else if (name.SequenceEqual("type"u8)) { part.Type = Word("actor.type", Vocabulary.ActorTypes); }
            else if (name.SequenceEqual("user"u8)) { part.User = Text("actor.user"); }
            else { Unknown("actor"); }
        }

        if (!Failed && part.Id is null)
        {
            Fail("actor.id", "a non-empty text (required)");
        }
    }

    private void ReadArtifactField()
    {
        if (IsText(out string? flat, "artifact"))
        {
            target.Artifact = string.IsNullOrEmpty(flat) ? null : FlatForm.ReadArtifact(flat);
            return;
        }

        target.Artifact = ReadArtifact();
    }

    private void ReadPolicyField()
    {
        if (IsText(out string? flat, "policy"))
        {
            target.Policy = string.IsNullOrEmpty(flat) ? null : new PolicyPart { Id = flat };
            return;
        }

        target.Policy = ReadPolicy();
    }

    private void ReadTraceField()
    {
        if (IsText(out string? flat, "trace"))
        {
            target.Trace = string.IsNullOrEmpty(flat) ? null : new TracePart { Correlation = flat };
            return;
        }

        target.Trace = ReadTrace();
    }

    private UsagePart? ReadUsage()
    {
        if (!Enter("usage", "an object"))
        {
            return null;
        }

        var part = new UsagePart();
        MemberNames names = default;
        while (Next(ref names, "usage"))
        {
            if (name.SequenceEqual("input"u8)) { part.Input = Count("usage.input"); }
            else if (name.SequenceEqual("cache_read"u8)) { part.CacheRead = Count("usage.cache_read"); }
            else if (name.SequenceEqual("cache_write"u8)) { part.CacheWrite = Count("usage.cache_write"); }
            else if (name.SequenceEqual("output"u8)) { part.Output = Count("usage.output"); }
            else if (name.SequenceEqual("reasoning"u8)) { part.Reasoning = Count("usage.reasoning"); }
            else if (name.SequenceEqual("cost"u8)) { part.Cost = ReadCost(); }
            else { Unknown("usage"); }
        }

        return part;
    }

    private ArtifactPart? ReadArtifact()
    {
        if (!Enter("artifact", "an object, or a text such as name@version"))
        {
            return null;
        }

        var part = new ArtifactPart();
        MemberNames names = default;
        while (Next(ref names, "artifact"))
        {
            if (name.SequenceEqual("kind"u8)) { part.Kind = Text("artifact.kind"); }
            else if (name.SequenceEqual("name"u8)) { part.Name = Text("artifact.name"); }
            else if (name.SequenceEqual("version"u8)) { part.Version = Text("artifact.version"); }
            else if (name.SequenceEqual("digest"u8)) { part.Digest = Digest("artifact.digest"); }
            else { Unknown("artifact"); }
        }

        return part;
    }

    private PolicyPart? ReadPolicy()
    {
        if (!Enter("policy", "an object, or a text"))
        {
            return null;
        }

        var part = new PolicyPart();
        MemberNames names = default;
        while (Next(ref names, "policy"))
        {
            if (name.SequenceEqual("id"u8)) { part.Id = Text("policy.id"); }
            else if (name.SequenceEqual("version"u8)) { part.Version = Count("policy.version"); }
            else if (name.SequenceEqual("digest"u8)) { part.Digest = Digest("policy.digest"); }
            else if (name.SequenceEqual("rule"u8)) { part.Rule = Text("policy.rule"); }
            else { Unknown("policy"); }
        }

        return part;
    }

    private TracePart? ReadTrace()
    {
        if (!Enter("trace", "an object, or a text"))
        {
            return null;
        }

        var part = new TracePart();
        MemberNames names = default;
        while (Next(ref names, "trace"))
        {
            if (name.SequenceEqual("trace_id"u8)) { part.TraceId = Hex("trace.trace_id", 32); }
            else if (name.SequenceEqual("span_id"u8)) { part.SpanId = Hex("trace.span_id", 16); }
            else if (name.SequenceEqual("session"u8)) { part.Session = Text("trace.session"); }
            else if (name.SequenceEqual("turn"u8)) { part.Turn = Text("trace.turn"); }
            else if (name.SequenceEqual("correlation"u8)) { part.Correlation = Text("trace.correlation"); }
            else if (name.SequenceEqual("request"u8)) { part.Request = Text("trace.request"); }
            else { Unknown("trace"); }
        }

        return part;
    }

    private AgentPart? ReadAgent()
    {
        if (!Enter("agent", "an object"))
        {
            return null;
        }

        var part = new AgentPart();
        MemberNames names = default;
        while (Next(ref names, "agent"))
        {
            if (name.SequenceEqual("kind"u8)) { part.Kind = Text("agent.kind"); }
            else if (name.SequenceEqual("version"u8)) { part.Version = Text("agent.version"); }
            else if (name.SequenceEqual("surface"u8)) { part.Surface = Word("agent.surface", Vocabulary.Surfaces); }
            else if (name.SequenceEqual("instance"u8)) { part.Instance = Text("agent.instance"); }
            else { Unknown("agent"); }
        }

        return part;
    }

    private ModelPart? ReadModel()
    {
        if (!Enter("model", "an object"))
        {
            return null;
        }

        var part = new ModelPart();
        MemberNames names = default;
        while (Next(ref names, "model"))
        {
            if (name.SequenceEqual("provider"u8)) { part.Provider = Text("model.provider"); }
            else if (name.SequenceEqual("requested"u8)) { part.Requested = Text("model.requested"); }
            else if (name.SequenceEqual("served"u8)) { part.Served = Text("model.served"); }
            else { Unknown("model"); }
        }

        return part;
    }

    private ClientPart? ReadClient()
    {
        if (!Enter("client", "an object"))
        {
            return null;
        }

        var part = new ClientPart();
        MemberNames names = default;
        while (Next(ref names, "client"))
        {
            if (name.SequenceEqual("address"u8)) { part.Address = Text("client.address"); }
            else if (name.SequenceEqual("place"u8)) { part.Place = Text("client.place"); }
            else { Unknown("client"); }
        }

        return part;
    }

    private ResourcePart? ReadResource()
    {
        if (!Enter("resource", "an object"))
        {
            return null;
        }

        var part = new ResourcePart();
        MemberNames names = default;
        while (Next(ref names, "resource"))
        {
            if (name.SequenceEqual("workspace"u8)) { part.Workspace = Text("resource.workspace"); }
            else if (name.SequenceEqual("project"u8)) { part.Project = Text("resource.project"); }
            else if (name.SequenceEqual("team"u8)) { part.Team = Text("resource.team"); }
            else if (name.SequenceEqual("environment"u8)) { part.Environment = Text("resource.environment"); }
            else if (name.SequenceEqual("repo"u8)) { part.Repo = Text("resource.repo"); }
            else if (name.SequenceEqual("ticket"u8)) { part.Ticket = Text("resource.ticket"); }
            else if (name.SequenceEqual("incident"u8)) { part.Incident = Text("resource.incident"); }
            else { Unknown("resource"); }
        }

        return part;
    }

    private ApprovalPart? ReadApproval()
    {
        if (!Enter("approval", "an object"))
        {
            return null;
        }

        var part = new ApprovalPart();
        MemberNames names = default;
        while (Next(ref names, "approval"))
        {
            if (name.SequenceEqual("by"u8)) { part.By = Text("approval.by"); }
            else if (name.SequenceEqual("at"u8)) { part.At = TimeText("approval.at"); }
            else if (name.SequenceEqual("source"u8)) { part.Source = Word("approval.source", Vocabulary.ApprovalSources); }
            else if (name.SequenceEqual("request"u8)) { part.Request = Text("approval.request"); }
            else { Unknown("approval"); }
        }

        return part;
    }

    private CostPart? ReadCost()
    {
        if (!Enter("usage.cost", "an object"))
        {
            return null;
        }

        var part = new CostPart();
        MemberNames names = default;
        while (Next(ref names, "usage.cost"))
        {
            if (name.SequenceEqual("amount"u8)) { part.Amount = Amount("usage.cost.amount"); }
            else if (name.SequenceEqual("unit"u8)) { part.Unit = Text("usage.cost.unit"); }
            else if (name.SequenceEqual("source"u8)) { part.Source = Word("usage.cost.source", Vocabulary.CostSources); }
            else { Unknown("usage.cost"); }
        }

        return part;
    }

    private ToolPart? ReadTool()
    {
        if (!Enter("tool", "an object"))
        {
            return null;
        }

        var part = new ToolPart();
        MemberNames names = default;
        while (Next(ref names, "tool"))
        {
            if (name.SequenceEqual("name"u8)) { part.Name = Text("tool.name"); }
            else if (name.SequenceEqual("namespace"u8)) { part.Namespace = Word("tool.namespace", Vocabulary.ToolNamespaces); }
            else if (name.SequenceEqual("server"u8)) { part.Server = Text("tool.server"); }
            else if (name.SequenceEqual("call"u8)) { part.Call = Text("tool.call"); }
            else if (name.SequenceEqual("command"u8)) { part.Command = Text("tool.command"); }
            else if (name.SequenceEqual("duration_ms"u8)) { part.DurationMs = NonNegative("tool.duration_ms"); }
            else if (name.SequenceEqual("success"u8)) { part.Success = Flag("tool.success"); }
            else if (name.SequenceEqual("exit_code"u8)) { part.ExitCode = Integer("tool.exit_code"); }
            else { Unknown("tool"); }
        }

        return part;
    }

    private ChangePart? ReadChange()
    {
        if (!Enter("change", "an object"))
        {
            return null;
        }

        var part = new ChangePart();
        MemberNames names = default;
        while (Next(ref names, "change"))
        {
            if (name.SequenceEqual("files"u8)) { part.Files = Count("change.files"); }
            else if (name.SequenceEqual("added"u8)) { part.Added = Count("change.added"); }
            else if (name.SequenceEqual("removed"u8)) { part.Removed = Count("change.removed"); }
            else if (name.SequenceEqual("commits"u8)) { part.Commits = Count("change.commits"); }
            else if (name.SequenceEqual("prs"u8)) { part.Prs = Count("change.prs"); }
            else if (name.SequenceEqual("tests"u8)) { part.Tests = Count("change.tests"); }
            else if (name.SequenceEqual("incidents"u8)) { part.Incidents = Count("change.incidents"); }
            else { Unknown("change"); }
        }

        return part;
    }

    /// <summary>Whether the next value is a text (or null): the flat form. Otherwise the reader has not moved.</summary>
    private bool IsText(out string? text, string at)
    {
        text = null;
        Utf8JsonReader before = reader;
        if (!reader.Read() || reader.TokenType is not (JsonTokenType.String or JsonTokenType.Null))
        {
            reader = before;
            return false;
        }

        reader = before;
        text = Text(at);
        return true;
    }

    /// <summary>Enters an object; false for null (absent) and, with a problem, for anything else.</summary>
    private bool Enter(string at, string what)
    {
        if (Failed || !reader.Read() || reader.TokenType == JsonTokenType.Null)
        {
            return false;
        }

        if (reader.TokenType != JsonTokenType.StartObject)
        {
            Fail(at, what);
            return false;
        }

        return true;
    }

    private string? NonEmpty(string at)
    {
        string? text = Text(at);
        if (text is null or "")
        {
            Fail(at, "a non-empty text");
        }

        return text;
    }

    /// <summary>A time that is kept as the text that was sent.</summary>
    private string? TimeText(string at)
    {
        string? text = Text(at);
        if (text is not null && !Timestamps.TryParse(text, out _))
        {
            Fail(at, Timestamps.Expected);
        }

        return text;
    }
}
