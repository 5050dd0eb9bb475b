using System.Collections.Immutable;
using System.Text.Json;
using Muniment.Events.Canonical;
using Muniment.Events.Canonical.Fields;
using Muniment.Policy.Detectors;
using Muniment.Policy.Documents;
using Muniment.Policy.Evaluation;
using Muniment.Policy.Predicates.Matching;

namespace Muniment.Policy.Simulation;

/// <summary>A decision out of its event: what was asked, as far as it was kept.</summary>
internal sealed class RecordedDecision
{
    private readonly FieldValue? texts;
    private readonly Dictionary<string, int>? detectors;
    private readonly string? detectorSet;
    private readonly ImmutableArray<string>? evidence;

    private RecordedDecision(CanonicalEvent e, string id)
    {
        Event = e;
        Id = id;
        evidence = Evidence(e);
        texts = evidence is { } kept ? FieldValue.Of([.. kept.Select(t => FieldValue.Of(t))])
            : DetailPath.Find(e.Details, "digest").Kind == FieldKind.Missing && DetailPath.Find(e.Details, "digests").Kind == FieldKind.Missing ? FieldValue.Missing
            : null;
        detectorSet = DetailPath.Find(e.Decision, "detector_set").Text;
        detectors = Counts(e);
        Request = Ask(e);
        Subject = DecisionSubject.Of(Request, new PredicateContent
        {
            Texts = texts, ToolArgs = e.Tool is null ? ReadOnlyMemory<byte>.Empty : (ReadOnlyMemory<byte>?)null, PermissionMode = DetailPath.Find(e.Details, "permission_mode").Text, NotKept = IsNotKept,
        });
    }

    public CanonicalEvent Event { get; }

    public string Id { get; }

    public DecisionRequest Request { get; }

    public DecisionSubject Subject { get; }

    /// <summary>Reads an event; null when it records no verdict.</summary>
    public static RecordedDecision? Of(CanonicalEvent e)
    {
        if (e.Stream != "decision" || e.Decision.IsEmpty || e.Result is not ("allowed" or "denied" or "modified" or "redacted") || DetailPath.Find(e.Decision, "id").Text is not { } id)
        {
            return null;
        }

        return DetailPath.Find(e.Decision, "outcome").Text is "interrupted" ? null : new RecordedDecision(e, id);
    }

    /// <summary>Whether a detector found something then; null when that is not known.</summary>
    public bool? Found(DetectorReference detector)
    {
        if (texts is { Kind: FieldKind.Missing })
        {
            return false;
        }

        DetectorSet? set = DetectorReferences.TryCompile([detector], out _);
        if (set is null)
        {
            return null;
        }

        if (evidence is { } kept)
        {
            return kept.Any(text => !set.Find(text).IsEmpty);
        }

        // Another version of the detectors may find something else.
        bool ran = detector.Pattern is null && detectors is not null && detectorSet is not null && SameRules(detectorSet) && set.Types.All(detectors.ContainsKey);
        return ran ? set.Types.Any(type => detectors![type] > 0) : null;
    }

    /// <summary>Tokens of an answer; 0 when none are recorded.</summary>
    public long Tokens => (Event.Usage?.Input ?? 0) + (Event.Usage?.CacheRead ?? 0) + (Event.Usage?.CacheWrite ?? 0) + (Event.Usage?.Output ?? 0);

    /// <summary>Dollars of an answer; null when they are not recorded.</summary>
    public decimal? Dollars => Event.Usage?.Cost is { Unit: "USD", Amount: { } amount }
        && decimal.TryParse(amount, System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out decimal usd) ? usd : null;

    private static bool SameRules(string version) => version.StartsWith(DetectorSet.RulesVersion + ".", StringComparison.Ordinal);

    /// <summary>Only what was known when it was asked: the record's own verdict and what came of it are left out.</summary>
    private static DecisionRequest Ask(CanonicalEvent e) => new()
    {
        Action = e.Action,
        Caller = new DecisionCaller
        {
            KeyId = e.Source.Key, ActorId = e.Actor.Id, ActorType = e.Actor.Type, User = e.Actor.Human, Project = e.Resource?.Project, Agent = e.Agent?.Kind, Session = e.Trace?.Session, Address = e.Client?.Address ?? e.Source.Address,
            Verified = e.Source.Verified,
        },
        Target = e.Target,
        Model = e.Model?.Requested,
        Mode = e.Mode,
        Uncovered = Unscanned(e),
        IsUnknownPath = DetailPath.Find(e.Details, "surface").Text is "unknown",
        IsApproved = e.Approval?.By is not null && e.Reason != "approval_rejected", // who said no is named too
        TimeNs = e.TimeNs,
        Facts = new CanonicalEvent
        {
            Id = "", Agent = e.Agent, Artifact = e.Artifact, Client = e.Client, Mode = e.Mode, Model = e.Model is null ? null : new ModelPart { Provider = e.Model.Provider, Requested = e.Model.Requested, Served = e.Model.Served },
            Resource = e.Resource, Risk = e.Risk, Source = e.Source, Tool = e.Tool, Trace = e.Trace, Usage = e.Usage, ReceivedNs = e.ReceivedNs,
        },
    };

    /// <summary>Members that the record of a decision has only when the caller's own facts had them, so absent says nothing.</summary>
    private bool IsNotKept(string field) =>
        field.StartsWith("details", StringComparison.Ordinal) || field.StartsWith("artifact", StringComparison.Ordinal) || field.StartsWith("client.", StringComparison.Ordinal) || field.StartsWith("change.", StringComparison.Ordinal)
        || (field.StartsWith("resource.", StringComparison.Ordinal) && field != "resource.project")
        || (field is "tool.command" or "tool.call" && Event.Tool is not null);

    private static ImmutableArray<UncoveredPart> Unscanned(CanonicalEvent e)
    {
        var parts = ImmutableArray.CreateBuilder<UncoveredPart>();
        foreach (FieldValue why in DetailPath.Find(e.Decision, "coverage.unscanned.why") is { } found && found.Kind == FieldKind.Many ? found.Many! : [found])
        {
            if (why.Text is { } text)
            {
                parts.Add(new UncoveredPart("", text));
            }
        }

        return parts.ToImmutable();
    }

    private static Dictionary<string, int>? Counts(CanonicalEvent e)
    {
        FieldValue counts = DetailPath.Find(e.Decision, "detectors");
        if (counts.Kind != FieldKind.Json)
        {
            return null;
        }

        var found = new Dictionary<string, int>(StringComparer.Ordinal);
        using JsonDocument document = JsonDocument.Parse(counts.Json);
        foreach (JsonProperty property in document.RootElement.EnumerateObject())
        {
            if (property.Value.TryGetInt32(out int count))
            {
                found[property.Name] = count;
            }
        }

        return found;
    }

    /// <summary>All texts, when copies of all of them were kept.</summary>
    private static ImmutableArray<string>? Evidence(CanonicalEvent e)
    {
        FieldValue kept = DetailPath.Find(e.Details, "evidence");
        if (kept.Kind != FieldKind.Json || DetailPath.Find(kept.Json, "cut").Kind != FieldKind.Missing)
        {
            return null;
        }

        using JsonDocument document = JsonDocument.Parse(kept.Json);
        if (!document.RootElement.TryGetProperty("content", out JsonElement content) || content.ValueKind != JsonValueKind.Array)
        {
            return null;
        }

        var texts = ImmutableArray.CreateBuilder<string>();
        foreach (JsonElement text in content.EnumerateArray())
        {
            // A masked or erased copy is no copy.
            if (!text.TryGetProperty("text", out JsonElement value) || value.ValueKind != JsonValueKind.String || value.GetString() == SensitiveFields.Mask)
            {
                return null;
            }

            texts.Add(value.GetString()!);
        }

        return texts.ToImmutable();
    }
}
