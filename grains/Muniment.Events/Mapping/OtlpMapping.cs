using Muniment.Events.Otlp;

namespace Muniment.Events.Mapping;

/// <summary>
/// The general mapping of the outside contract, in one place for the index terms (at ingest) and the mapper (at each read), so that what is indexed is what
/// is shown. An attribute of the record goes before the same attribute of its resource; the order among attributes is the order below.
/// </summary>
internal static class OtlpMapping
{
    private static readonly ulong GenAi =
        OtlpFields.Bit(OtlpKey.AgentName) | OtlpFields.Bit(OtlpKey.RequestModel) | OtlpFields.Bit(OtlpKey.ResponseModel) | OtlpFields.Bit(OtlpKey.ToolName);

    /// <summary>Delivers the text fields that the term index knows.</summary>
    public static void VisitIndexed<TSink>(scoped in OtlpFields fields, ref TSink sink)
        where TSink : IMappedTextSink, allows ref struct
    {
        Span<byte> scratch = stackalloc byte[AnyValueView.ScratchBytes];
        sink.Take(MappedText.Action, Action(fields, scratch));
        sink.Take(MappedText.Result, Result(fields));
        VisitActor(fields, scratch, ref sink);
        Put(ref sink, MappedText.Session, fields.Text(scratch, OtlpKey.SessionId, OtlpKey.GenAiConversationId, OtlpKey.ConversationId));
        Put(ref sink, MappedText.Correlation, fields.Text(scratch, OtlpKey.CorrelationUnderscore, OtlpKey.CorrelationDot, OtlpKey.RequestId));
        if (fields.HasAny(GenAi))
        {
            Put(ref sink, MappedText.AgentKind, fields.Text(scratch, OtlpKey.AgentName));
            Put(ref sink, MappedText.ModelRequested, fields.Text(scratch, OtlpKey.RequestModel));
            Put(ref sink, MappedText.ModelServed, fields.Text(scratch, OtlpKey.ResponseModel));
            Put(ref sink, MappedText.ToolName, fields.Text(scratch, OtlpKey.ToolName));
        }

        Put(ref sink, MappedText.Project, fields.Text(scratch, OtlpKey.Project));
        Put(ref sink, MappedText.Repo, fields.Text(scratch, OtlpKey.RepositoryUrl));
        Put(ref sink, MappedText.ClientAddress, fields.Text(scratch, OtlpKey.ClientAddress));
    }

    /// <summary>Delivers the other text fields.</summary>
    public static void VisitRest<TSink>(scoped in OtlpFields fields, ref TSink sink)
        where TSink : IMappedTextSink, allows ref struct
    {
        Span<byte> scratch = stackalloc byte[AnyValueView.ScratchBytes];
        Put(ref sink, MappedText.AgentVersion, fields.Text(scratch, OtlpKey.AgentVersion));
        Put(ref sink, MappedText.AgentInstance, fields.Text(scratch, OtlpKey.AgentId));
        Put(ref sink, MappedText.ModelProvider, fields.Text(scratch, OtlpKey.ProviderName, OtlpKey.GenAiSystem));
        Put(ref sink, MappedText.ToolCall, fields.Text(scratch, OtlpKey.ToolCallId));
        Put(ref sink, MappedText.Team, fields.Text(scratch, OtlpKey.Team));
        Put(ref sink, MappedText.Environment, fields.Text(scratch, OtlpKey.EnvironmentName, OtlpKey.Environment));
    }

    /// <summary>
    /// When it happened, Unix ns. Log: its time, else <c>event.timestamp</c> (Codex sends no time), else observed; span: start, else end; metric: its latest
    /// point; else received. Not yet held against the clock: that is <c>EnvelopeOverlay</c>'s.
    /// </summary>
    public static long TimeNs(in OtlpFields fields)
    {
        ref readonly OtlpRecordFields record = ref fields.Fields;
        if (record.TimeNs != 0)
        {
            return Clamp(record.TimeNs);
        }

        if (fields.Kind == EntryKind.Log)
        {
            AnyValueView stamp = fields.Attribute(OtlpKey.EventTimestamp);
            if (stamp.Kind == AnyKind.String && Timestamps.TryParse(stamp.Bytes, out long parsed) && parsed != 0)
            {
                return parsed;
            }
        }

        return record.SecondTimeNs != 0 ? Clamp(record.SecondTimeNs) : fields.ReceivedNs;
    }

    /// <summary>The id when it has the right length and is not all zero, which OTLP says is no id.</summary>
    public static ReadOnlySpan<byte> ValidId(ReadOnlySpan<byte> id, int sizeBytes) => id.Length == sizeBytes && id.ContainsAnyExcept((byte)0) ? id : default;

    public static long Clamp(ulong ns) => ns > long.MaxValue ? long.MaxValue : (long)ns;

    private static void Put<TSink>(ref TSink sink, MappedText field, scoped ReadOnlySpan<byte> text)
        where TSink : IMappedTextSink, allows ref struct
    {
        if (!text.IsEmpty)
        {
            sink.Take(field, text);
        }
    }

    private static ReadOnlySpan<byte> Action(in OtlpFields fields, Span<byte> scratch)
    {
        if (fields.Kind == EntryKind.Metric)
        {
            return "metric.report"u8;
        }

        ReadOnlySpan<byte> name = fields.Text(scratch, OtlpKey.EventName);
        if (!name.IsEmpty)
        {
            return name;
        }

        name = fields.Fields.Name.Of(fields.Record);
        if (fields.Kind == EntryKind.Span)
        {
            return name.IsEmpty ? "span.end"u8 : name;
        }

        // Rust's tracing fills event_name with "event FILE:LINE", which names nothing.
        return name.IsEmpty || name.StartsWith("event "u8) ? "log.record"u8 : name;
    }

    private static ReadOnlySpan<byte> Result(in OtlpFields fields)
    {
        if (fields.Kind == EntryKind.Metric)
        {
            return "info"u8;
        }

        if (fields.HasAny(OtlpFields.Bit(OtlpKey.Result)))
        {
            AnyValueView claimed = fields.Attribute(OtlpKey.Result);
            if (claimed.Kind == AnyKind.String && IsResult(claimed.Bytes))
            {
                return claimed.Bytes;
            }
        }

        return fields.Kind != EntryKind.Span ? "info"u8 : fields.Fields.StatusCode switch
        {
            1 => "success"u8,
            2 => "error"u8,
            _ => "info"u8,
        };
    }

    private static bool IsResult(ReadOnlySpan<byte> word) =>
        word.SequenceEqual("allowed"u8) || word.SequenceEqual("denied"u8) || word.SequenceEqual("modified"u8) || word.SequenceEqual("redacted"u8)
        || word.SequenceEqual("success"u8) || word.SequenceEqual("failure"u8) || word.SequenceEqual("error"u8) || word.SequenceEqual("info"u8);

    private static void VisitActor<TSink>(scoped in OtlpFields fields, scoped Span<byte> scratch, ref TSink sink)
        where TSink : IMappedTextSink, allows ref struct
    {
        ReadOnlySpan<byte> user = fields.Text(scratch, OtlpKey.UserEmail, OtlpKey.UserId, OtlpKey.EnduserId);
        Put(ref sink, MappedText.ActorUser, user);
        AnyValueView actor = fields.HasAny(OtlpFields.Bit(OtlpKey.Actor)) ? fields.Attribute(OtlpKey.Actor) : default;
        if (actor.Kind == AnyKind.String && !actor.Bytes.IsEmpty)
        {
            ReadOnlySpan<byte> type = ActorType(actor.Bytes);
            sink.Take(MappedText.ActorType, type.IsEmpty ? "service"u8 : type);
            sink.Take(MappedText.ActorId, type.IsEmpty ? actor.Bytes : actor.Bytes[(type.Length + 1)..]);
            return;
        }

        ReadOnlySpan<byte> service = fields.Text(scratch, OtlpKey.ServiceName);
        sink.Take(MappedText.ActorType, "service"u8);
        sink.Take(MappedText.ActorId, service.IsEmpty ? "unknown_service"u8 : service);
    }

    /// <summary>The known prefix of the flat form, as in <c>user:j@acme.com</c>; empty for none.</summary>
    private static ReadOnlySpan<byte> ActorType(ReadOnlySpan<byte> flat)
    {
        int colon = flat.IndexOf((byte)':');
        if (colon <= 0 || colon == flat.Length - 1)
        {
            return default;
        }

        ReadOnlySpan<byte> type = flat[..colon];
        return type.SequenceEqual("user"u8) || type.SequenceEqual("agent"u8) || type.SequenceEqual("service"u8) || type.SequenceEqual("key"u8) ? type : default;
    }
}
