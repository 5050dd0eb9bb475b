using System.Buffers;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Muniment.Gateway.Llm.Answers;
using Muniment.Gateway.Llm.Sse;
using Muniment.Gateway.Llm.Streaming;
using Muniment.Gateway.Llm.Surfaces;
using Muniment.Gateway.Llm.Texts;
using Muniment.Gateway.Llm.Usage;
using Muniment.Gateway.Mcp;
using Muniment.Policy.Documents;
using Muniment.Policy.Evaluation;

namespace Muniment.Gateway.Llm.Forwarding;

/// <summary>
/// Writes an event stream:
/// <code>
/// read ─► frames ─► rewriter ─► (request recorded?) ─► client, flushed once a read
///                     └ last frame ─► judged ─► answer recorded ─► client
///                     └ fault ─► recorded ─► the provider's error frame in place of the rest
/// </code>
/// </summary>
internal sealed class EventStreamWriter(AnswerJudge judge, IOptions<LlmOptions> options, TimeProvider time)
{
    /// <summary>How often a client hears something while all is held back.</summary>
    public static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(15);

    private const int CharsPerToken = 3;

    private readonly LlmOptions _options = options.Value;

    /// <summary>Writes the stream to its end.</summary>
    public async Task WriteAsync(LlmCall call, HttpResponseMessage response)
    {
        StreamRewriter rewriter = RewriterOf(call);
        using var reader = new SseReader();
        var output = new ArrayBufferWriter<byte>(4096);
        var state = new State { LastWrite = time.GetTimestamp() };
        bool left = false;
        try
        {
            await PumpAsync(call, response, rewriter, reader, output, state);
        }
        catch (OperationCanceledException) when (call.Context.RequestAborted.IsCancellationRequested)
        {
            left = true;
        }

        if (!left && call.JudgesWhole && state.Failure is null && rewriter is { HasEnded: true, Fault: StreamFault.None })
        {
            // The texts are whole: now it is known what must be replaced, and the stream is written again from its own bytes.
            await judge.JudgeTextsAsync(call, Outcome(rewriter));
            rewriter = RewriterOf(call);
            using var again = new SseReader();
            state.Raw.WrittenMemory.CopyTo(again.GetMemory(Math.Max(1, state.Raw.WrittenCount)));
            again.Advance(state.Raw.WrittenCount);
            output.ResetWrittenCount();
            Take(rewriter, again, ended: true, output, state);
        }

        await EndAsync(call, rewriter, output, state, left);
    }

    private async Task PumpAsync(LlmCall call, HttpResponseMessage response, StreamRewriter rewriter, SseReader reader, ArrayBufferWriter<byte> output, State state)
    {
        try
        {
            await using Stream stream = await response.Content.ReadAsStreamAsync(call.Aborted);
            while (rewriter is { HasEnded: false, Fault: StreamFault.None })
            {
                // A stream of a server's own messages may be silent for hours.
                int read = await AnswerFaults.ReadSomeAsync(call, stream, reader.GetMemory(), call.Mcp is { IsRequest: false } ? Timeout.Infinite : _options.IdleTimeoutMs);
                long started = time.GetTimestamp();
                if (call.JudgesWhole)
                {
                    state.Raw.Write(reader.GetMemory().Span[..read]);
                }

                reader.Advance(read);
                Take(rewriter, reader, read == 0, output, state);
                state.Ticks += time.GetTimestamp() - started;
                if (rewriter.Fault is StreamFault.None && !call.JudgesWhole)
                {
                    await ShowAsync(call, output, state);
                }
                else if (state.Raw.WrittenCount > _options.MaxAnswerBytes)
                {
                    state.Failure = AnswerFaults.OverLimit;
                    break;
                }

                if (read == 0)
                {
                    break;
                }
            }
        }
        catch (OperationCanceledException) when (call.HasTimedOut)
        {
            state.Failure = AnswerFaults.Silent;
        }
        catch (Exception e) when (e is HttpRequestException || (e is IOException && !call.Context.RequestAborted.IsCancellationRequested))
        {
            state.Failure = AnswerFaults.BrokenOff;
        }
    }

    private static void Take(StreamRewriter rewriter, SseReader reader, bool ended, ArrayBufferWriter<byte> output, State state)
    {
        while (rewriter is { Fault: StreamFault.None, HasEnded: false })
        {
            SseReadStatus status = reader.TryRead(ended, out SseFrame frame);
            if (status is SseReadStatus.TooLarge)
            {
                state.Failure = AnswerFaults.OverLimit;
                return;
            }

            if (status is SseReadStatus.NeedsMore && !(ended && reader.TryReadRest(out frame)))
            {
                break;
            }

            int safe = output.WrittenCount;
            rewriter.Take(frame, output);
            state.Safe = rewriter.Fault is StreamFault.None ? output.WrittenCount : safe;
        }

        if (ended && rewriter.Fault is StreamFault.None)
        {
            rewriter.Close(output);
            state.Safe = output.WrittenCount;
        }
    }

    private async ValueTask ShowAsync(LlmCall call, ArrayBufferWriter<byte> output, State state)
    {
        if (output.WrittenCount == 0)
        {
            if (time.GetElapsedTime(state.LastWrite) < KeepAlive || !call.Recorded.IsCompletedSuccessfully)
            {
                return;
            }

            output.Write(SseWriter.KeepAlive);
        }

        if (!state.HasBegun)
        {
            await call.Recorded;
            Begin(call, state);
        }

        await call.Context.Response.Body.WriteAsync(output.WrittenMemory, call.Context.RequestAborted);
        await call.Context.Response.Body.FlushAsync(call.Context.RequestAborted);
        output.ResetWrittenCount();
        state.LastWrite = time.GetTimestamp();
    }

    private static void Begin(LlmCall call, State state)
    {
        HttpResponse response = call.Context.Response;
        response.Headers.CacheControl = "no-cache";
        response.Headers["X-Accel-Buffering"] = "no";
        state.HasBegun = true;
    }

    private async Task EndAsync(LlmCall call, StreamRewriter rewriter, ArrayBufferWriter<byte> output, State state, bool left)
    {
        LlmOutcome outcome = Outcome(rewriter);
        if (left)
        {
            call.Cancel();
            await call.RecordBegun.Task; // a client may leave before; its answer is recorded all the same
            await judge.RecordAsync(call, outcome, null, "error", "client_aborted");
            return;
        }

        string? failure = state.Failure ?? FailureOf(rewriter);
        bool denied = rewriter.Fault is StreamFault.Reasoning or StreamFault.Detector or StreamFault.NotCovered or StreamFault.Denied;
        Verdict verdict = AnswerJudge.Judge(call);
        denied |= failure is null && verdict.Effect >= PolicyEffect.Ask;
        await call.Recorded;
        bool recorded = await judge.RecordAsync(
            call, outcome, verdict, denied ? "denied" : failure is not null || rewriter.UpstreamFailed ? "error" : null, failure ?? (rewriter.UpstreamFailed ? "upstream_error" : null),
            time.GetTimestamp() - state.Ticks);
        if (failure is not null || denied || !recorded)
        {
            call.Cancel();
            await WriteErrorAsync(call, rewriter, output, state, !recorded ? "the answer could not be recorded" : denied ? DenialText.Of(verdict, call.Decision.Id) : AnswerFaults.Sentence(failure!, isStreamed: true), denied && recorded);
            return;
        }

        if (!state.HasBegun)
        {
            Begin(call, state);
        }

        output.Write(rewriter.Last.WrittenSpan);
        await call.Context.Response.Body.WriteAsync(output.WrittenMemory, call.Context.RequestAborted);
        await call.Context.Response.Body.FlushAsync(call.Context.RequestAborted);
    }

    private static LlmOutcome Outcome(StreamRewriter rewriter) => new()
    {
        Usage = UsageOf(rewriter),
        ServedModel = rewriter.ServedModel,
        AnswerId = rewriter.AnswerId,
        StopReason = rewriter.StopReason,
        Texts = rewriter.Texts.ToTexts(rewriter.PointerOf),
        Unseen = rewriter.Texts.IsCut ? [.. rewriter.Unseen, new UnseenPart("", UnseenPart.OverLimit)] : rewriter.Unseen,
        ToolNames = rewriter.ToolNames,
    };

    // Once frames have left, only a frame can tell the client; before, a proper status can.
    private static async Task WriteErrorAsync(LlmCall call, StreamRewriter rewriter, ArrayBufferWriter<byte> output, State state, string message, bool denied)
    {
        if (!call.Context.Response.HasStarted)
        {
            LlmError error = denied ? LlmError.Denied(message)
                : state.Failure is AnswerFaults.Silent ? LlmError.Timeout(message)
                : message.EndsWith("recorded", StringComparison.Ordinal) ? LlmError.Unavailable(message)
                : LlmError.BadGateway(message, "upstream_error");
            await error.WriteAsync(call.Context, call.Shape, call.Decision.Id);
            return;
        }

        // What was whole before the fault may still be shown, unless all was held back for the verdict.
        var rest = new ArrayBufferWriter<byte>(512);
        rest.Write(call.JudgesWhole ? default : output.WrittenSpan[..Math.Min(state.Safe, output.WrittenCount)]);
        rewriter.WriteError(rest, new StreamError(denied, message, call.Decision.Id));
        await call.Context.Response.Body.WriteAsync(rest.WrittenMemory, call.Context.RequestAborted);
        await call.Context.Response.Body.FlushAsync(call.Context.RequestAborted);
    }

    private static StreamRewriter RewriterOf(LlmCall call)
    {
        var settings = new StreamSettings(call.AskedUsage, call.AnswerVerdict.Settings.Reasoning, call.AnswerVerdict.Settings.Uncovered is UncoveredMode.Deny);
        return call.Surface switch
        {
            { Kind: SurfaceKind.Mcp } => new McpStream(call.Scrubber, settings, call.Mcp!, call.IsToolDenied, call.JudgeMessage),
            { Kind: SurfaceKind.Messages } => new MessagesStream(call.Scrubber, settings),
            { Kind: SurfaceKind.Responses } or { Kind: SurfaceKind.Kept, Name: "responses" } => new ResponsesStream(call.Scrubber, settings),
            _ => new ChatStream(call.Scrubber, settings),
        };
    }

    // A stream that was cut tells too little: what came of it counts at least as its length says.
    private static UsageCounts UsageOf(StreamRewriter rewriter)
    {
        UsageCounts usage = rewriter.Usage;
        if (!rewriter.HasEnded && usage.IsKnown)
        {
            usage.Output = Math.Max(usage.Output, rewriter.Texts.Chars / CharsPerToken);
        }

        return usage;
    }

    private static string? FailureOf(StreamRewriter rewriter) => rewriter.Fault switch
    {
        StreamFault.None => null,
        StreamFault.Malformed => AnswerFaults.Malformed,
        StreamFault.TooLarge => AnswerFaults.OverLimit,
        StreamFault.BrokenOff => AnswerFaults.BrokenOff,
        StreamFault.Reasoning => "signed_reasoning",
        StreamFault.Detector => "detector_failed",
        StreamFault.Denied => "message_denied",
        _ => "not_covered",
    };

    private sealed class State
    {
        public bool HasBegun { get; set; }

        /// <summary>All that came, where the answer is judged as a whole.</summary>
        public ArrayBufferWriter<byte> Raw { get; } = new();

        public long LastWrite { get; set; }

        public long Ticks { get; set; }

        public int Safe { get; set; }

        public string? Failure { get; set; }
    }
}
