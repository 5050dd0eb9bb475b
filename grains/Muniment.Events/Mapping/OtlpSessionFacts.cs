using Muniment.Events.Canonical.Sessions;
using Muniment.Events.Hashing;
using Muniment.Events.Otlp;

namespace Muniment.Events.Mapping;

/// <summary>The facts of an OTLP record by the general mapping, without the event that <see cref="OtlpMapper"/> would make of it. Remembers the last resource; for one thread.</summary>
internal sealed class OtlpSessionFacts(SessionTexts texts)
{
    private static readonly ulong Sessions = OtlpFields.Bit(OtlpKey.SessionId) | OtlpFields.Bit(OtlpKey.GenAiConversationId) | OtlpFields.Bit(OtlpKey.ConversationId);

    private readonly Validation _state = new(OtlpMapper.Unlimited, false);
    private OtlpResourceFields _resourceFields;
    private OtlpRecordFields _recordFields;
    private SeenBytes _resource;
    private bool _isResourceRead;

    /// <summary>Reads a record into facts that already have seq and receipt.</summary>
    public FactsOutcome Read(in StoredEvent stored, ref SessionFacts facts)
    {
        ReadOnlySpan<byte> record = stored.Record.Span;
        if (!TryUseResource(stored.Resource) || !_recordFields.TryRead(stored.Kind, record, _state))
        {
            return FactsOutcome.NoSession; // unreadable
        }

        var fields = new OtlpFields(stored.Kind, stored.ReceivedNs, stored.Resource.Span, record, in _resourceFields, in _recordFields);
        if (!fields.HasAny(Sessions))
        {
            return FactsOutcome.NoSession;
        }

        var sink = new Sink(ref facts, texts);
        OtlpMapping.VisitIndexed(fields, ref sink);
        if (facts.Session is null)
        {
            return FactsOutcome.NoSession;
        }

        if (fields.HasAny(OtlpFields.Bit(OtlpKey.ToolCallId)))
        {
            OtlpMapping.VisitRest(fields, ref sink);
        }

        facts.TimeNs = OtlpMapping.TimeNs(fields);
        if (OtlpUsage.TryRead(fields, out OtlpUsage usage))
        {
            facts.Tokens = new SessionTokens
            {
                Input = usage.Input, Output = usage.Output, CacheRead = usage.CacheRead, CacheWrite = usage.CacheWrite, Reasoning = usage.Reasoning,
                Cost = usage.Cost, CostUnit = usage.Cost is null ? null : OtlpUsage.Unit, CostSource = usage.Cost is null ? null : OtlpUsage.Source,
            };
        }

        return ReadSequence(record, ref facts) ? FactsOutcome.Read : FactsOutcome.Unsure;
    }

    /// <summary>The record's own <c>event.sequence</c>; false when another form than an integer could still count as one.</summary>
    private bool ReadSequence(ReadOnlySpan<byte> record, ref SessionFacts facts)
    {
        if (_recordFields.Slots.Has(OtlpKey.Event))
        {
            return false;
        }

        if (!_recordFields.Slots.Has(OtlpKey.EventSequence))
        {
            return true;
        }

        AnyValueView sequence = _recordFields.Slots.Read(OtlpKey.EventSequence, record);
        facts.Sequence = sequence.Kind == AnyKind.Int ? sequence.Int : null;
        return sequence.Kind is AnyKind.Int or AnyKind.String or AnyKind.Empty;
    }

    private bool TryUseResource(ReadOnlyMemory<byte> resource)
    {
        if (!_isResourceRead || !_resource.Are(resource.Span))
        {
            _isResourceRead = _resourceFields.TryRead(resource.Span, _state);
            _resource.Remember(resource.Span);
        }

        return _isResourceRead;
    }

    private ref struct Sink(ref SessionFacts facts, SessionTexts texts) : IMappedTextSink
    {
        private readonly ref SessionFacts _facts = ref facts;
        private readonly SessionTexts _texts = texts;
        private bool _isUser;

        public void Take(MappedText field, scoped ReadOnlySpan<byte> utf8)
        {
            switch (field)
            {
                case MappedText.Result:
                    _facts.IsDenied = utf8.SequenceEqual("denied"u8);
                    break;
                case MappedText.ActorUser:
                    _facts.User = _texts.Others.Get(utf8);
                    break;
                case MappedText.ActorType:
                    _isUser = utf8.SequenceEqual("user"u8);
                    break;
                case MappedText.ActorId when _isUser:
                    _facts.User ??= _texts.Others.Get(utf8); // the user was delivered before
                    break;
                case MappedText.AgentKind:
                    _facts.Agent = _texts.Others.Get(utf8);
                    break;
                case MappedText.Session:
                    _facts.Session = _texts.Sessions.Get(utf8);
                    break;
                case MappedText.Project:
                    _facts.Project = _texts.Others.Get(utf8);
                    break;
                case MappedText.ToolName:
                    _facts.HasTool = true;
                    break;
                case MappedText.ToolCall:
                    _facts.Call = SessionFacts.Hash(utf8);
                    break;
                default:
                    break;
            }
        }
    }
}
