using Muniment.Events.Formats.Meaning;
using Muniment.Events.Formats.Residue;

namespace Muniment.Events.Formats.Ocsf;

/// <summary>
/// OCSF 1.8.0, with the profiles <c>security_control</c> (a control decided), <c>ai_operation</c> and <c>trace</c> (where 1.8.0 allows them) and <c>host</c> (which gives an
/// actor to classes without one). Marks in <c>unmapped.muniment</c>, everything without a field in <c>unmapped</c> under its canonical name. See <c>docs/siem/formats.md</c>.
/// </summary>
internal sealed partial class OcsfFormat : MappedJsonFormat
{
    /// <summary>The schema that is written.</summary>
    public const string SchemaVersion = "1.8.0";

    private const long NsPerMs = 1_000_000;

    private readonly SummaryText _summary = new();
    private OcsfClass _class;
    private bool _control;
    private bool _ai;
    private bool _trace;

    /// <inheritdoc/>
    public override string Name => "ocsf";

    /// <inheritdoc/>
    protected override void WriteMembers(in EventMarks marks)
    {
        _class = OcsfClass.Of(Event, Meaning);
        _control = EventMeaning.IsControlled(Event);
        _ai = _class.Uid is OcsfClass.ApiActivity or OcsfClass.ProcessActivity && (Event.Model is not null || Event.Usage is not null || Event.Agent is not null);
        _trace = _class.Uid == OcsfClass.ApiActivity && !string.IsNullOrEmpty(Event.Trace?.TraceId);
        WriteClassification();
        WriteMetadata(marks);
        WriteStatus();
        WriteClassObjects();
        WriteProfiles();
        WriteObservables();
        Json.WriteStartObject("unmapped"u8);
        MarkWriter.WriteNested(marks, Json);
        Residue();
        Json.WriteEndObject();
    }

    private void WriteClassification()
    {
        Json.WriteNumber("activity_id"u8, _class.Activity);
        Json.WriteString("activity_name"u8, _class.ActivityName);
        Json.WriteNumber("category_uid"u8, _class.Category);
        Json.WriteString("category_name"u8, _class.CategoryName);
        Json.WriteNumber("class_uid"u8, _class.Uid);
        Json.WriteString("class_name"u8, _class.Name);
        Json.WriteNumber("type_uid"u8, (_class.Uid * 100L) + _class.Activity);
        Json.WriteNumber("time"u8, Event.TimeNs / NsPerMs);
        Json.WriteNumber("severity_id"u8, (int)Meaning.Severity);
        Json.WriteString("severity"u8, Meaning.Severity switch
        {
            EventSeverity.Critical => "Critical"u8,
            EventSeverity.High => "High"u8,
            EventSeverity.Medium => "Medium"u8,
            EventSeverity.Low => "Low"u8,
            _ => "Informational"u8,
        });
        _summary.Write(Json, "message"u8, Event);
        if (Event.Tool?.DurationMs is { } duration && duration is >= 0 and < long.MaxValue)
        {
            Json.WriteNumber("duration"u8, (long)duration); // whole ms; the exact number stays in unmapped
        }
    }

    private void WriteMetadata(in EventMarks marks)
    {
        Json.WriteStartObject("metadata"u8);
        Json.WriteString("version"u8, SchemaVersion);
        Json.WriteStartObject("product"u8);
        Json.WriteString("name"u8, "Muniment"u8);
        Json.WriteString("vendor_name"u8, "Muniment"u8);
        Json.WriteEndObject();
        WriteProfileNames();
        Text("uid"u8, Event.Id, EventLeaf.Id);
        if (Event.Seq >= 0 && Fits(Event.Seq))
        {
            Number("sequence"u8, Event.Seq, EventLeaf.Seq);
        }

        Text("correlation_uid"u8, Event.Trace?.Correlation, EventLeaf.Correlation);
        Text("event_code"u8, Event.Action, EventLeaf.Action);
        Text("log_name"u8, Event.Stream, EventLeaf.Stream);
        Text("log_provider"u8, Event.Source.Receiver, EventLeaf.SourceReceiver);
        Text("log_source"u8, marks.Of?.Origin);
        Json.WriteNumber("logged_time"u8, Event.ReceivedNs / NsPerMs); // its nanoseconds stay in unmapped
        Time("original_time"u8, Event.TimeNs);
        Tick(EventLeaf.Ts);
        Json.WriteEndObject();
    }

    private void WriteProfileNames()
    {
        Json.WriteStartArray("profiles"u8);
        if (_control)
        {
            Json.WriteStringValue("security_control"u8);
        }

        if (_ai)
        {
            Json.WriteStringValue("ai_operation"u8);
        }

        if (_trace)
        {
            Json.WriteStringValue("trace"u8);
        }

        if (HasHostProfile)
        {
            Json.WriteStringValue("host"u8);
        }

        Json.WriteEndArray();
    }

    /// <summary>These classes have an actor only with it.</summary>
    private bool HasHostProfile => _class.Uid is OcsfClass.WebResources or OcsfClass.ApplicationLifecycle or OcsfClass.DetectionFinding;

    private void WriteStatus()
    {
        if (_class.Uid == OcsfClass.DetectionFinding)
        {
            (int id, string name) = _class.Activity switch { 2 => (2, "In Progress"), 3 => (4, "Resolved"), _ => (1, "New") };
            Json.WriteNumber("status_id"u8, id);
            Json.WriteString("status"u8, name);
        }
        else
        {
            Json.WriteNumber("status_id"u8, Meaning.Status switch { EventStatus.Success => 1, EventStatus.Failure => 2, _ => 99 });
            Json.WriteString("status"u8, Meaning.Status switch { EventStatus.Success => "Success", EventStatus.Failure => "Failure", _ => Event.Result });
        }

        Text("status_code"u8, Event.Result, EventLeaf.Result);
        Text("status_detail"u8, Event.Reason, EventLeaf.Reason);
    }

    /// <summary>OCSF's <c>integer_t</c> is 32 bits wide in the encodings that matter; larger numbers stay in <c>unmapped</c>.</summary>
    private static bool Fits(long value) => value is >= int.MinValue and <= int.MaxValue;
}
