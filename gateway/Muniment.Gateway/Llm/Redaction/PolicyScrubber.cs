using System.Collections.Immutable;
using System.Text;
using Muniment.Gateway.Deciding;
using Muniment.Gateway.Llm.Texts;
using Muniment.Gateway.Llm.Json;
using Muniment.Policy.Detectors;
using Muniment.Policy.Documents;
using Muniment.Policy.Evaluation;
using Muniment.Policy.Redaction;

namespace Muniment.Gateway.Llm.Redaction;

/// <summary>Runs the detectors of a pending verdict: those of <c>redact</c> rules replace, all others only count.</summary>
internal sealed class PolicyScrubber : Scrubber
{
    /// <summary>Deepest JSON inside of strings of JSON.</summary>
    public const int MaxDepth = 4;

    /// <summary>Most fields with finds that are remembered.</summary>
    public const int MaxFields = 1000;

    private readonly DetectorSet _redactSet;
    private readonly DetectorSet _lookSet;
    private readonly TextRedactor _redact;
    private readonly TextRedactor? _look;
    private readonly DetectorCounts _counts;
    private readonly DetectorCounts _one;
    private readonly DetectorCounts? _lookCounts;
    private readonly List<FieldFinding> _fields = [];
    private readonly List<Channel> _channels = [];
    private readonly List<UnseenPart> _unseen = []; // in JSON inside of texts
    private readonly HashSet<string> _failed = new(StringComparer.Ordinal);
    private readonly TextFinder?[] _finders = new TextFinder?[MaxDepth];
    private readonly JsonTape?[] _tapes = new JsonTape?[MaxDepth];
    private readonly Verdict[] _verdicts;
    private long _scannedBytes;
    private bool _altered;

    public PolicyScrubber(params Verdict[] verdicts)
    {
        _verdicts = verdicts;
        ImmutableArray<DetectorReference> look = verdicts is [var only] ? only.LookFor : [.. verdicts.SelectMany(verdict => verdict.LookFor).Distinct()];
        ImmutableArray<DetectorReference> redact = verdicts is [var one] ? one.RedactWith : [.. verdicts.SelectMany(verdict => verdict.RedactWith).Distinct()];
        _redactSet = KnownDetectors.Usable(redact);
        _lookSet = look.Length == redact.Length ? _redactSet : KnownDetectors.Usable(look);
        _redact = new TextRedactor(_redactSet);
        _counts = new DetectorCounts(_redactSet);
        _one = new DetectorCounts(_redactSet);
        if (!ReferenceEquals(_lookSet, _redactSet))
        {
            _look = new TextRedactor(_lookSet);
            _lookCounts = new DetectorCounts(_lookSet);
        }
    }

    public override bool IsActive => !_redactSet.IsEmpty || !_lookSet.IsEmpty;

    public override bool MustStop => _failed.Count > 0 && Denies;

    public override bool Denies => _verdicts.Any(verdict => verdict.Complete(Find).Effect >= PolicyEffect.Ask);

    /// <summary>What was found so far.</summary>
    public Inspection Inspect(IEnumerable<UnseenPart> unseen)
    {
        Collect();
        DetectorCounts counts = _lookCounts ?? _counts;
        return new Inspection
        {
            Find = Find,
            Counts = IsActive ? counts.Summary() : [],
            Fields = [.. _fields],
            DetectorSet = IsActive ? _lookSet.Version : null,
            ScannedBytes = _scannedBytes,
            Unscanned = [.. unseen.Concat(_unseen).Select(part => new UncoveredPart(part.Pointer, part.Why))],
            IsAltered = _altered,
        };
    }

    /// <summary>A pending verdict with what was found so far.</summary>
    public Verdict Complete(Verdict pending)
    {
        Collect();
        return pending.Complete(Find);
    }

    public override string? Scrub(string text, in TextPlace place)
    {
        _scannedBytes += Encoding.UTF8.GetByteCount(text);
        if (_look is not null)
        {
            _look.Redact(text, _lookCounts!, out ImmutableArray<string> notFinished);
            Fail(notFinished);
        }

        return Replace(text, place);
    }

    public override string? ScrubNamed(string name, string text, in TextPlace place)
    {
        int looked = _lookCounts?.Total ?? 0;
        if (Scrub(text, place) is { } found)
        {
            return found;
        }

        if (_lookCounts?.Total == looked)
        {
            new JsonRedactor(_lookSet).RedactValue(name, text, _lookCounts);
        }

        _one.Clear();
        string? redacted = new JsonRedactor(_redactSet).RedactValue(name, text, _one);
        if (redacted is not null)
        {
            Found(place.Pointer, _one);
        }

        return redacted;
    }

    public override string? ScrubJson(string text, in TextPlace place) => ScrubJson(text, place, 0);

    public override ChannelScrubber Open(string pointer)
    {
        var channel = new Channel(this, pointer, new StreamRedactor(_redactSet, failOpen: true), _look is null ? null : new StreamRedactor(_lookSet, failOpen: true));
        _channels.Add(channel);
        return channel;
    }

    private string? ScrubJson(string text, in TextPlace place, int depth)
    {
        JsonTape tape = depth < MaxDepth ? _tapes[depth] ??= new JsonTape() : new JsonTape();
        if (depth >= MaxDepth || tape.Read(Encoding.UTF8.GetBytes(text)) is not JsonFault.None)
        {
            return Scrub(text, place);
        }

        TextFinder finder = _finders[depth] ??= new TextFinder();
        finder.Find(tape, TextRole.ToolArguments);
        var edits = new JsonEdits();
        foreach (TextSite site in finder.Texts)
        {
            if ((DocumentScrubber.MayBeJson(site.Text) ? ScrubJson(site.Text, place, depth + 1) : Scrub(site.Text, place)) is { } scrubbed)
            {
                site.Replace(tape, edits, scrubbed);
            }
        }

        foreach (UnseenPart part in finder.Unseen)
        {
            if (_unseen.Count < MaxFields)
            {
                _unseen.Add(part with { Pointer = place.Pointer + part.Pointer });
            }
        }

        // A name beside its value tells what a value alone does not ("aws_secret_access_key": "…"), so the document is looked at as one text too.
        string json = edits.Count == 0 ? text : Encoding.UTF8.GetString(edits.Apply(tape.Document).Span);
        string? whole = Replace(json, place);
        if (whole is null)
        {
            return edits.Count == 0 ? null : json;
        }

        // A find that reaches over quotes would leave something that is no JSON: then nothing of the document is shown.
        return tape.Read(Encoding.UTF8.GetBytes(whole)) is JsonFault.None ? whole : "{\"redacted\":true}";
    }

    private string? Replace(string text, in TextPlace place)
    {
        _one.Clear();
        string redacted = _redact.Redact(text, _one, out ImmutableArray<string> failed);
        Fail(failed);
        if (_one.Total == 0)
        {
            return null;
        }

        Found(place.Pointer, _one);
        return redacted;
    }

    private void Found(string pointer, DetectorCounts found)
    {
        foreach ((string type, int count) in found.Hits())
        {
            if (_fields.Count < MaxFields)
            {
                _fields.Add(new FieldFinding(pointer, type, count));
            }
        }

        _counts.Add(found);
        _altered = true;
    }

    private void Fail(ImmutableArray<string> types)
    {
        if (!types.IsDefaultOrEmpty)
        {
            _failed.UnionWith(types);
        }
    }

    private DetectorFinding Find(DetectorReference reference)
    {
        DetectorCounts counts = _lookCounts ?? _counts;
        string type = DetectorSet.TypeOf(reference.Name);
        int found = counts.Total == 0 ? 0 : reference.Pattern is not null || !DetectorCatalog.Names.Contains(reference.Name)
            ? counts[type]
            : DetectorCatalog.All.Where(detector => detector.Name == reference.Name || detector.Groups.Contains(reference.Name)).Sum(detector => counts[detector.Type]);
        bool runs = counts.Set.Names.Contains(reference.Name);
        return new DetectorFinding(found, _failed.Contains(type) ? "took too much work" : runs ? null : "cannot be compiled by this version");
    }

    private void Collect()
    {
        foreach (Channel channel in _channels)
        {
            channel.Collect();
        }
    }

    private sealed class Channel(PolicyScrubber owner, string pointer, StreamRedactor redactor, StreamRedactor? looker) : ChannelScrubber
    {
        private bool _collected;

        public override string Append(string piece)
        {
            owner._scannedBytes += Encoding.UTF8.GetByteCount(piece);
            if (looker is not null)
            {
                looker.Append(piece);
                owner.Fail(looker.Failed);
            }

            string shown = redactor.Append(piece);
            owner.Fail(redactor.Failed);
            return shown;
        }

        public override string Flush()
        {
            looker?.Flush();
            string rest = redactor.Flush();
            owner.Fail(redactor.Failed);
            Collect();
            return rest;
        }

        public void Collect()
        {
            if (_collected)
            {
                return;
            }

            _collected = true;
            if (looker is not null)
            {
                owner._lookCounts!.Add(looker.Counts);
            }

            if (redactor.Counts.Total > 0)
            {
                owner.Found(pointer, redactor.Counts);
            }
        }
    }
}
