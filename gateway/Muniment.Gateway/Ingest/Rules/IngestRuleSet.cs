using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Muniment.Events;
using Muniment.Events.Canonical;
using Muniment.Events.Otlp;
using Muniment.Gateway.Deciding;
using Muniment.Policy.Evaluation;

namespace Muniment.Gateway.Ingest.Rules;

/// <summary>
/// What a tenant's policies do to events as they come in: fill in <c>resource.*</c>, and replace what detectors find in what the sender fills freely. Who acted, which session, which model and other ids stay, so that an
/// event can still be found. Redacted before it is hashed: the log proves what was stored, and what was taken out is nowhere. Immutable.
/// </summary>
internal sealed class IngestRuleSet
{
    /// <summary>Members of a canonical event that say who, when, where; they are not redacted.</summary>
    private static readonly HashSet<string> Kept = new(StringComparer.Ordinal)
    {
        "id", "ts", "actor", "agent", "action", "policy", "mode", "trace", "result", "risk", "resource", "client", "model", "usage", "stream",
    };

    /// <summary>Attributes with the same meaning.</summary>
    private static readonly HashSet<string> KeptAttributes = new(StringComparer.Ordinal)
    {
        "session.id", "gen_ai.conversation.id", "conversation.id", "correlation_id", "correlation.id", "x-request-id", "user.email", "user.id", "user.account_uuid", "enduser.id", "event.name",
        "service.name", "service.version", "service.instance.id", "gen_ai.request.model", "gen_ai.response.model", "gen_ai.tool.name", "tool_name", "model",
    };

    /// <summary>Most texts of one event that are looked at; one with more is refused.</summary>
    public const int MaxTexts = 50_000;

    /// <summary>
    /// Stands in the place of a text that a detector gave up on, or could not be asked about, when its rule says <c>fail: closed</c>: the event is kept, what nobody looked at is not. With <c>open</c>
    /// the text stays.
    /// </summary>
    public const string NotScanned = "[NOT_SCANNED]";

    private readonly PolicySet _policies;

    private IngestRuleSet(PolicySet policies) => _policies = policies;

    /// <summary>The rules for ingest among these policies; null when there is none.</summary>
    public static IngestRuleSet? Of(PolicySet policies) =>
        policies.Policies.Any(policy => policy.Document.Rules.Any(rule => rule.On.Any(Covers))) ? new IngestRuleSet(policies) : null;

    /// <summary>Applies them to a canonical event. A denial has no meaning here: it has happened.</summary>
    /// <param name="intake">Who sends it.</param>
    /// <param name="json">The event as it was sent; good JSON of an event.</param>
    /// <param name="set">Members of <c>resource</c> to fill in; null for none.</param>
    /// <returns>The event to store, the very same when nothing is replaced; empty when its texts cannot be looked at (half a surrogate pair, or more than <see cref="MaxTexts"/>).</returns>
    public ReadOnlyMemory<byte> Apply(Intake intake, ReadOnlyMemory<byte> json, out IReadOnlyDictionary<string, string>? set)
    {
        set = null;
        ParsedEvent parsed = CanonicalJsonReader.Parse(json, intake.ReceivedNs, intake.IsImport ? SenderKind.Import : SenderKind.Ordinary);
        if (!parsed.IsOk)
        {
            return json;
        }

        CanonicalEvent e = parsed.Event;
        EnvelopeOverlay.Apply(e, intake.Envelope("activity"));
        using JsonDocument document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = EventLimits.MaxDepth });
        var texts = ImmutableArray.CreateBuilder<InspectedText>();
        foreach (JsonProperty member in document.RootElement.EnumerateObject().Where(member => !Kept.Contains(member.Name)))
        {
            if (!JsonTexts.TryCollect(member.Value, "/" + member.Name, "", texts, MaxTexts))
            {
                return default;
            }
        }

        ImmutableArray<string> redacted = Decide(intake, e, texts.ToImmutable(), out set);
        if (redacted.IsDefault)
        {
            return json;
        }

        using var stream = new MemoryStream(json.Length + 64);
        using (var writer = new Utf8JsonWriter(stream, JsonText.Compact))
        {
            int at = 0;
            writer.WriteStartObject();
            foreach (JsonProperty member in document.RootElement.EnumerateObject())
            {
                writer.WritePropertyName(member.Name);
                if (Kept.Contains(member.Name))
                {
                    member.Value.WriteTo(writer);
                }
                else
                {
                    JsonTexts.Write(writer, member.Value, redacted, ref at);
                }
            }

            writer.WriteEndObject();
        }

        return stream.GetBuffer().AsMemory(0, (int)stream.Length);
    }

    /// <summary>Applies them to an OTLP record.</summary>
    /// <param name="intake">Who sends it.</param>
    /// <param name="stored">The record with its resource, scope and envelope.</param>
    /// <param name="reader">Of the tenant; one a request.</param>
    /// <param name="set">Members of <c>resource</c> to fill in; null for none.</param>
    /// <returns>The record to store; the very same when nothing is replaced.</returns>
    public ReadOnlyMemory<byte> Apply(Intake intake, in StoredEvent stored, EventReader reader, out IReadOnlyDictionary<string, string>? set)
    {
        var texts = ImmutableArray.CreateBuilder<InspectedText>();
        OtlpStrings.ApplyToValues(stored.Record, stored.Kind, (utf8Key, text) =>
        {
            string key = Encoding.UTF8.GetString(utf8Key);
            if (!KeptAttributes.Contains(key))
            {
                texts.Add(new InspectedText("/" + key, "", Encoding.UTF8.GetString(text)));
            }

            return null;
        });
        ImmutableArray<string> redacted = Decide(intake, reader.Read(stored), texts.ToImmutable(), out set);
        if (redacted.IsDefault)
        {
            return stored.Record;
        }

        int at = 0;
        return OtlpStrings.ApplyToValues(stored.Record, stored.Kind, (key, _) => KeptAttributes.Contains(Encoding.UTF8.GetString(key)) ? null : redacted[at++]);
    }

    private ImmutableArray<string> Decide(Intake intake, CanonicalEvent e, ImmutableArray<InspectedText> texts, out IReadOnlyDictionary<string, string>? set)
    {
        var request = new DecisionRequest
        {
            Action = DecisionActions.EventIngest,
            Caller = new DecisionCaller { KeyId = intake.Caller.KeyId, User = intake.Caller.User, Project = intake.Caller.Project, Address = intake.Address },
            Texts = texts,
            Facts = e,
            TimeNs = intake.ReceivedNs,
        };
        Verdict verdict = _policies.Decide(request);
        ImmutableArray<string> redacted = default;
        if (verdict.IsPending)
        {
            Inspection inspection = TextInspector.Inspect(verdict, texts, out ImmutableArray<string> replaced, NotScanned);
            verdict = verdict.Complete(inspection.Find);
            redacted = inspection.IsAltered ? replaced : default;
        }

        set = verdict.Changes.Resource.IsEmpty ? null : verdict.Changes.Resource.ToImmutableSortedDictionary(StringComparer.Ordinal);
        return redacted;
    }

    private static bool Covers(string pattern) => pattern.Equals(DecisionActions.EventIngest, StringComparison.OrdinalIgnoreCase) || pattern.AsSpan().ContainsAny('*', '?');
}
