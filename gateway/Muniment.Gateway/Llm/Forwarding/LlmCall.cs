using System.Collections.Immutable;
using Microsoft.AspNetCore.Http;
using Muniment.Events.Canonical;
using Muniment.Gateway.Access;
using Muniment.Gateway.Deciding;
using Muniment.Gateway.Llm.Redaction;
using Muniment.Gateway.Llm.Requests;
using Muniment.Gateway.Llm.Surfaces;
using Muniment.Gateway.Llm.Texts;
using Muniment.Gateway.Llm.Usage;
using Muniment.Gateway.Mcp;
using Muniment.Gateway.Upstreams;
using Muniment.Policy.Documents;
using Muniment.Policy.Evaluation;

namespace Muniment.Gateway.Llm.Forwarding;

/// <summary>One call on its way: what is known of it and what became of it. Belongs to its request; not thread-safe.</summary>
internal sealed class LlmCall(HttpContext context, Caller caller, Upstream upstream, Surface surface, string path)
{
    private readonly CancellationTokenSource _abort = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);

    public HttpContext Context { get; } = context;

    public Caller Caller { get; } = caller;

    public Surface Surface { get; } = surface;

    /// <summary>Path below the upstream.</summary>
    public string Path { get; } = path;

    /// <summary>What stands behind the path, with its question mark; as it is sent.</summary>
    public string Query { get; set; } = "";

    /// <summary>Where it goes; changes with rerouting and fallback.</summary>
    public Upstream Upstream { get; set; } = upstream;

    /// <summary>The body as read, when it is JSON.</summary>
    public LlmRequest? Request { get; set; }

    /// <summary>The model that policy or a fallback put in the place of the one asked for; null when none did.</summary>
    public string? SentModel { get; set; }

    /// <summary>What is sent.</summary>
    public ReadOnlyMemory<byte> Body { get; set; }

    public Decision Decision { get; set; } = null!;

    /// <summary>The record of the request; runs beside the upstream call.</summary>
    public Task Recorded { get; set; } = Task.CompletedTask;

    /// <summary>Completes when the record of the request is on its way.</summary>
    public TaskCompletionSource RecordBegun { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Whether the usage of a stream was asked for by the gateway.</summary>
    public bool AskedUsage { get; set; }

    /// <summary>Upstreams that are left to try.</summary>
    public Queue<FallbackTarget> Fallbacks { get; } = [];

    /// <summary>Whether this upstream's answer calls for the next one.</summary>
    public bool TriesNext { get; set; }

    /// <summary>Upstreams tried.</summary>
    public int Attempts { get; set; }

    /// <summary>Whether the client has an answer, or has left.</summary>
    public bool IsAnswered { get; set; }

    /// <summary>Whether a timer of ours, not the client, ended it.</summary>
    public bool HasTimedOut => _abort.IsCancellationRequested && !Context.RequestAborted.IsCancellationRequested && !RecordFailed;

    /// <summary>Whether the record of the request could not be made durable.</summary>
    public bool RecordFailed { get; set; }

    /// <summary>The upstream's status; 0 before it answered.</summary>
    public int UpstreamStatus { get; set; }

    /// <summary>The upstream's own id of the request.</summary>
    public string? UpstreamRequestId { get; set; }

    /// <summary>Further effects, found on the way.</summary>
    public HashSet<string> Effects { get; } = new(StringComparer.Ordinal);

    /// <summary>Scrubber of the answer.</summary>
    public Scrubber Scrubber { get; set; } = NoScrubber.Instance;

    /// <summary>The verdict on the answer, as far as it stands.</summary>
    public Verdict AnswerVerdict { get; set; } = null!;

    /// <summary>The rules that hold for both directions (MCP), asked with the texts of the answer; empty where there are none.</summary>
    public ImmutableArray<DecisionRequest> CallRequests { get; set; } = [];

    /// <summary>What they say of the answer.</summary>
    public ImmutableArray<Verdict> CallVerdicts { get; set; } = [];

    /// <summary>Judges one message of a stream that has no end to wait for; null as an answer: it must not pass. Null where streams are judged otherwise.</summary>
    public Func<ImmutableArray<InspectedText>, Scrubber?>? JudgeMessage { get; set; }

    /// <summary>What was found in the messages of such a stream but the last.</summary>
    public Inspection? Kept { get; private set; }

    /// <summary>The MCP message; null for a model call.</summary>
    public McpMessage? Mcp { get; set; }

    /// <summary>Whether policy would deny a tool of this name; for lists of tools.</summary>
    public Func<string, bool> IsToolDenied { get; set; } = static _ => false;

    /// <summary>Whether the answer must be whole before anything of it may be seen.</summary>
    public bool JudgesWhole { get; set; }

    /// <summary>Ends the upstream call: the client left, or a time is over.</summary>
    public CancellationToken Aborted => _abort.Token;

    public ApiShape Shape => Surface.Shape;

    /// <summary>Allows this much silence from now on.</summary>
    public void WaitAtMost(int milliseconds) => _abort.CancelAfter(milliseconds);

    /// <summary>Ends the upstream call.</summary>
    public void Cancel() => _abort.Cancel();

    /// <summary>Adds what was found in one message.</summary>
    public void Keep(Inspection? found) => Kept = found is null ? Kept : Kept?.With(found) ?? found;

    public void Dispose()
    {
        Request?.Tape.GiveBack();
        Request = null;
        _abort.Dispose();
    }

    /// <summary>Usage as events tell it; null when nobody knows.</summary>
    public static UsagePart? Part(in UsageCounts counts) => !counts.IsKnown ? null : new UsagePart
    {
        Input = counts.Input,
        CacheRead = counts.CacheRead,
        CacheWrite = counts.CacheWrite,
        Output = counts.Output,
        Reasoning = counts.Reasoning,
        Cost = counts.Cost is { } amount ? new CostPart { Amount = amount.ToString(System.Globalization.CultureInfo.InvariantCulture), Unit = "USD", Source = "reported" } : null,
    };

    /// <summary>Parts for the record.</summary>
    public static ImmutableArray<UncoveredPart> Parts(IEnumerable<UnseenPart> unseen) => [.. unseen.Select(part => new UncoveredPart(part.Pointer, part.Why))];
}
