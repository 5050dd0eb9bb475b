using System.Text;
using Muniment.Events.Canonical;
using Muniment.Events.Otlp;
using Muniment.Events.Terms;

namespace Muniment.Events.Mapping;

/// <summary>
/// Index terms of OTLP records at the door, without allocation per record. One instance serves the records that share an envelope; it may be shared between
/// threads. The terms are those that the mapped event has after the envelope was laid over it (a key's user and project replace what the record claims).
/// </summary>
public sealed class OtlpTerms
{
    private readonly byte[]? _user;
    private readonly byte[]? _project;
    private readonly byte[]? _stream;
    private readonly byte[]? _key;
    private readonly byte[]? _address;

    /// <summary>Prepares the values that the server sets.</summary>
    public OtlpTerms(Envelope envelope)
    {
        _user = Utf8(envelope.User);
        _project = Utf8(envelope.Project);
        _stream = Utf8(envelope.Stream ?? "activity");
        _key = Utf8(envelope.Key);
        _address = Utf8(envelope.Address);
    }

    /// <summary>Hands each term of one record to <paramref name="sink"/> and returns its <c>ts</c> in Unix ns (for the block's time range).</summary>
    public long Collect<TSink>(in OtlpFields fields, ref TSink sink)
        where TSink : ITermSink
    {
        var forward = new Forward<TSink>(ref sink, _user, _project is null);
        OtlpMapping.VisitIndexed(fields, ref forward);
        Add(ref sink, TermField.User, _user);
        Add(ref sink, TermField.Project, _project);
        Add(ref sink, TermField.Key, _key);
        Add(ref sink, TermField.Address, _address);
        if (fields.Kind != EntryKind.Metric)
        {
            Add(ref sink, TermField.Stream, _stream);
        }

        sink.Add(TermField.Signal, fields.Kind switch
        {
            EntryKind.Log => "log"u8,
            EntryKind.Span => "span"u8,
            _ => "metric"u8,
        });
        const int TraceIdBytes = 16;
        ReadOnlySpan<byte> trace = OtlpMapping.ValidId(fields.Fields.TraceId.Of(fields.Record), TraceIdBytes);
        if (!trace.IsEmpty)
        {
            Span<byte> hex = stackalloc byte[2 * TraceIdBytes];
            Convert.TryToHexStringLower(trace, hex, out _);
            sink.Add(TermField.Trace, hex);
        }

        return Believed(OtlpMapping.TimeNs(fields), fields.ReceivedNs);
    }

    /// <summary>A time more than 24 h ahead counts as received, as <c>EnvelopeOverlay</c> has it.</summary>
    private static long Believed(long timeNs, long receivedNs)
    {
        const long MaxAheadNs = 24L * 3600 * 1_000_000_000;
        return timeNs - MaxAheadNs > receivedNs ? receivedNs : timeNs;
    }

    private static byte[]? Utf8(string? text) => string.IsNullOrEmpty(text) ? null : Encoding.UTF8.GetBytes(text);

    private static void Add<TSink>(ref TSink sink, TermField field, byte[]? value)
        where TSink : ITermSink
    {
        if (value is not null)
        {
            sink.Add(field, value);
        }
    }

    private ref struct Forward<TSink>(ref TSink sink, ReadOnlySpan<byte> boundUser, bool ownProject) : IMappedTextSink
        where TSink : ITermSink
    {
        private readonly ref TSink _sink = ref sink;
        private readonly ReadOnlySpan<byte> _boundUser = boundUser;
        private readonly bool _ownProject = ownProject;
        private bool _isUser;
        private bool _hasUser;

        public void Take(MappedText field, scoped ReadOnlySpan<byte> utf8)
        {
            switch (field)
            {
                case MappedText.Action:
                    _sink.Add(TermField.Action, utf8);
                    break;
                case MappedText.Result:
                    _sink.Add(TermField.Result, utf8);
                    break;
                case MappedText.ActorUser:
                    _hasUser = true;
                    if (_boundUser.IsEmpty)
                    {
                        _sink.Add(TermField.User, utf8);
                    }

                    break;
                case MappedText.ActorType:
                    _isUser = utf8.SequenceEqual("user"u8);
                    break;
                case MappedText.ActorId:
                    TakeActor(utf8);
                    break;
                case MappedText.AgentKind:
                    _sink.Add(TermField.Agent, utf8);
                    break;
                case MappedText.Session:
                    _sink.Add(TermField.Session, utf8);
                    break;
                case MappedText.Correlation:
                    _sink.Add(TermField.Correlation, utf8);
                    break;
                case MappedText.ModelRequested or MappedText.ModelServed:
                    _sink.Add(TermField.Model, utf8);
                    break;
                case MappedText.ToolName:
                    _sink.Add(TermField.Tool, utf8);
                    break;
                case MappedText.Project when _ownProject:
                    _sink.Add(TermField.Project, utf8);
                    break;
                case MappedText.Repo:
                    _sink.Add(TermField.Work, utf8);
                    break;
                case MappedText.ClientAddress:
                    _sink.Add(TermField.Address, utf8);
                    break;
                default:
                    break;
            }
        }

        /// <summary>A user who acts is also the human behind it, and a key's user replaces both.</summary>
        private readonly void TakeActor(ReadOnlySpan<byte> id)
        {
            if (_isUser && !_boundUser.IsEmpty)
            {
                _sink.Add(TermField.Actor, _boundUser);
                return;
            }

            _sink.Add(TermField.Actor, id);
            if (_isUser && !_hasUser)
            {
                _sink.Add(TermField.User, id);
            }
        }
    }
}
