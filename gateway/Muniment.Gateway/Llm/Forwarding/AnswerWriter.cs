using System.Buffers;
using System.Text;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Muniment.Gateway.Ingest.Bodies;
using Muniment.Gateway.Llm.Answers;
using Muniment.Gateway.Llm.Json;
using Muniment.Gateway.Llm.Redaction;
using Muniment.Gateway.Llm.Requests;
using Muniment.Gateway.Llm.Surfaces;
using Muniment.Gateway.Llm.Texts;
using Muniment.Gateway.Llm.Usage;
using Muniment.Gateway.Mcp;
using Muniment.Policy.Documents;
using Muniment.Policy.Evaluation;

namespace Muniment.Gateway.Llm.Forwarding;

/// <summary>
/// Writes an upstream's answer to the client:
/// <code>
/// event stream ─► EventStreamWriter
/// JSON, lines of JSON, text ─► whole ─► texts ─► scrubbed ─► judged ─► recorded ─► first byte
/// anything else ─► recorded as not looked into ─► passes if policy lets it
/// </code>
/// </summary>
internal sealed class AnswerWriter(AnswerJudge judge, EventStreamWriter streams, ModelLists lists, IOptions<LlmOptions> options, TimeProvider time)
{
    private readonly LlmOptions _options = options.Value;

    /// <summary>Writes the answer. Afterwards the client has one, or has left.</summary>
    public async Task WriteAsync(LlmCall call, HttpResponseMessage response)
    {
        string media = response.Content.Headers.ContentType?.MediaType?.ToLowerInvariant() ?? "";
        if (response.Content.Headers.ContentEncoding.Any(encoding => !encoding.Equals("identity", StringComparison.OrdinalIgnoreCase)))
        {
            await FailAsync(call, AnswerFaults.Encoding, AnswerFaults.Error(AnswerFaults.Encoding));
            return;
        }

        if (media is "text/event-stream" && call.Surface.Kind is not SurfaceKind.Unknown)
        {
            bool fromMiddle = call.Query.Contains('=', StringComparison.Ordinal) && Uri.UnescapeDataString(call.Query).Contains("starting_after", StringComparison.OrdinalIgnoreCase);
            if (fromMiddle && (call.Scrubber.IsActive || call.JudgesWhole))
            {
                await FailAsync(call, AnswerFaults.FromMiddle, AnswerFaults.Error(AnswerFaults.FromMiddle));
                return;
            }

            await streams.WriteAsync(call, response);
            return;
        }

        if (call.Surface.Kind is SurfaceKind.Unknown)
        {
            await PassAsync(call, response);
            return;
        }

        await WholeAsync(call, response, media);
    }

    /// <summary>Answers with an error of ours and records it.</summary>
    public async Task FailAsync(LlmCall call, string reason, LlmError error)
    {
        await call.Recorded;
        bool recorded = await judge.RecordAsync(call, new LlmOutcome { Failure = reason }, null, "error", reason);
        call.IsAnswered = true;
        UpstreamHeaders.Identify(call.Context.Response, call.Decision.Id, call.UpstreamRequestId);
        await (recorded ? error : LlmError.Unavailable("the answer could not be recorded")).WriteAsync(Fresh(call), call.Shape, call.Decision.Id);
    }

    private async Task WholeAsync(LlmCall call, HttpResponseMessage response, string media)
    {
        using var buffer = new PooledBuffer((int)Math.Min(response.Content.Headers.ContentLength ?? 8192, 1 << 20));
        string? fault = await ReadAsync(call, response, buffer);
        long started = time.GetTimestamp();
        if (fault is not null)
        {
            await FailAsync(call, fault, AnswerFaults.Error(fault));
            return;
        }

        bool readable = TryScrub(call, buffer.Written, media, out LlmOutcome outcome, out ReadOnlyMemory<byte> body);
        if (readable && call.JudgesWhole)
        {
            await judge.JudgeTextsAsync(call, outcome);
            readable = TryScrub(call, buffer.Written, media, out outcome, out body);
        }

        if (!readable)
        {
            await FailAsync(call, AnswerFaults.Malformed, AnswerFaults.Error(AnswerFaults.Malformed));
            return;
        }

        if (call.Surface.Kind is SurfaceKind.Models && call.UpstreamStatus < 300)
        {
            body = await lists.FilterAsync(call, body);
        }

        Verdict verdict = AnswerJudge.Judge(call);
        bool denied = verdict.Effect >= PolicyEffect.Ask || (outcome.Failure is "reasoning") || call.Scrubber.MustStop;
        await call.RecordBegun.Task;
        string? result = denied ? "denied" : call.UpstreamStatus >= 400 ? "error" : null;
        bool recorded = await judge.RecordAsync(call, outcome, verdict, result, call.UpstreamStatus >= 400 && !denied ? "upstream_error" : null, started);
        await call.Recorded;
        if (!recorded)
        {
            await LlmError.Unavailable("the answer could not be recorded").WriteAsync(Fresh(call), call.Shape, call.Decision.Id);
            return;
        }

        if (denied)
        {
            await LlmError.Denied(DenialText.Of(verdict, call.Decision.Id)).WriteAsync(Fresh(call), call.Shape, call.Decision.Id);
            return;
        }

        call.Context.Response.ContentLength = body.Length;
        if (body.Length > 0 && !HttpMethods.IsHead(call.Context.Request.Method) && call.UpstreamStatus is not (204 or 304))
        {
            await call.Context.Response.Body.WriteAsync(body, call.Context.RequestAborted);
        }
    }

    // Media, archives, unknown paths: passes as it comes, and the record says that nobody looked.
    private async Task PassAsync(LlmCall call, HttpResponseMessage response)
    {
        await call.Recorded;
        var outcome = new LlmOutcome { Unseen = [new UnseenPart("", UnseenPart.UnknownEvent)] };
        if (!await judge.RecordAsync(call, outcome, null, call.UpstreamStatus >= 400 ? "error" : null, call.UpstreamStatus >= 400 ? "upstream_error" : null))
        {
            await LlmError.Unavailable("the answer could not be recorded").WriteAsync(Fresh(call), call.Shape, call.Decision.Id);
            return;
        }

        await using Stream stream = await response.Content.ReadAsStreamAsync(call.Aborted);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(32 * 1024);
        try
        {
            for (int read; (read = await AnswerFaults.ReadSomeAsync(call, stream, buffer, _options.IdleTimeoutMs)) > 0;)
            {
                await call.Context.Response.Body.WriteAsync(buffer.AsMemory(0, read), call.Aborted);
                await call.Context.Response.Body.FlushAsync(call.Aborted);
            }
        }
        catch (Exception e) when (e is IOException or HttpRequestException or OperationCanceledException)
        {
            // Half an answer must not look like a whole one.
            call.Context.Abort();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async Task<string?> ReadAsync(LlmCall call, HttpResponseMessage response, PooledBuffer buffer)
    {
        if (response.Content.Headers.ContentLength > _options.MaxAnswerBytes)
        {
            return AnswerFaults.OverLimit;
        }

        try
        {
            await using Stream stream = await response.Content.ReadAsStreamAsync(call.Aborted);
            while (true)
            {
                int read = await AnswerFaults.ReadSomeAsync(call, stream, buffer.Free(8192), _options.IdleTimeoutMs);
                if (read == 0)
                {
                    return null;
                }

                buffer.Advance(read);
                if (buffer.Length > _options.MaxAnswerBytes)
                {
                    return AnswerFaults.OverLimit;
                }
            }
        }
        catch (OperationCanceledException) when (call.HasTimedOut)
        {
            return AnswerFaults.Silent;
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            return AnswerFaults.BrokenOff;
        }
    }

    private static bool TryScrub(LlmCall call, ReadOnlyMemory<byte> bytes, string media, out LlmOutcome outcome, out ReadOnlyMemory<byte> body)
    {
        var edits = new JsonEdits();
        outcome = new LlmOutcome();
        body = bytes;
        if (bytes.Length == 0)
        {
            return true;
        }

        bool json = media.EndsWith("json", StringComparison.Ordinal) || media.Length == 0;
        bool lines = media.Contains("jsonl", StringComparison.Ordinal) || media.Contains("ndjson", StringComparison.Ordinal);
        if (json && !lines)
        {
            JsonTape tape = JsonTape.Take();
            if (tape.Read(bytes) is JsonFault.None)
            {
                outcome = Read(call, tape, edits);
                body = edits.Apply(bytes);
                tape.GiveBack();
                return true;
            }

            // An error page with a wrong label is passed on as the text that it is.
            if (call.UpstreamStatus < 400)
            {
                return false;
            }
        }

        if (!Utf8.IsValid(bytes.Span))
        {
            outcome = outcome with { Unseen = [new UnseenPart("", UnseenPart.Media)] };
            return true;
        }

        (body, outcome) = ScrubLines(call, Encoding.UTF8.GetString(bytes.Span));
        return true;
    }

    // Results of batches and files of them: each line is looked at by itself, JSON or not.
    private static (ReadOnlyMemory<byte> Body, LlmOutcome Outcome) ScrubLines(LlmCall call, string text)
    {
        var seen = new List<InspectedText>();
        var scrubbed = new StringBuilder(text.Length);
        int number = 0;
        for (int position = 0; position < text.Length; number++)
        {
            int end = text.IndexOf('\n', position);
            int next = end < 0 ? text.Length : end + 1;
            string line = text[position..(end < 0 ? text.Length : end)];
            string pointer = $"/{number}";
            if (seen.Count < TextFinder.MaxTexts)
            {
                seen.Add(new InspectedText(pointer, TextRole.Assistant.Name(), line));
            }

            var place = new TextPlace(pointer);
            scrubbed.Append((DocumentScrubber.MayBeJson(line) ? call.Scrubber.ScrubJson(line, place) : call.Scrubber.Scrub(line, place)) ?? line).Append(text, position + line.Length, next - position - line.Length);
            position = next;
        }

        return (Encoding.UTF8.GetBytes(scrubbed.ToString()), new LlmOutcome { Texts = [.. seen] });
    }

    private static LlmOutcome Read(LlmCall call, JsonTape tape, JsonEdits edits)
    {
        var finder = new TextFinder();
        finder.Find(tape, TextRole.Assistant);
        string? failure = null;
        if (call.Scrubber.IsActive)
        {
            DropLogprobs(tape, edits);
            var signed = new HashSet<int>();
            DocumentScrubber.Scrub(tape, finder.Texts, call.Scrubber, edits, signed: signed);
            if (signed.Count > 0)
            {
                switch (call.AnswerVerdict.Settings.Reasoning)
                {
                    case ReasoningMode.Drop:
                        RequestEditor.DropReasoning(tape, signed, edits);
                        break;
                    case ReasoningMode.Deny:
                        failure = "reasoning";
                        break;
                    default:
                        finder.Unseen.AddRange(signed.Select(node => new UnseenPart(tape.Pointer(node), UnseenPart.Encrypted)));
                        break;
                }
            }
        }

        if (call.Mcp is { } mcp)
        {
            mcp.IsAnsweredBy(tape);
            McpLists.Filter(tape, call.IsToolDenied, edits);
        }

        int root = tape.Member(0, "response"u8) is >= 0 and int nested ? nested : 0;
        int usage = tape.Member(root, "usage"u8);
        UsageCounts counts = default;
        if (call.Surface.Kind is not (SurfaceKind.Models or SurfaceKind.Kept or SurfaceKind.Mcp) && usage >= 0 && tape[usage].Kind is JsonKind.Object)
        {
            if (call.Shape is ApiShape.Anthropic)
            {
                counts.OverwriteWithAnthropic(tape, usage);
            }
            else
            {
                counts = UsageCounts.OfOpenAi(tape, usage);
            }
        }

        // What is no text of the model's answer to a person has no place in the record's digests.
        bool listed = call.Surface.Kind is SurfaceKind.Models or SurfaceKind.Embeddings;
        return new LlmOutcome
        {
            Usage = counts,
            ServedModel = tape.TextOf(root, "model"u8),
            AnswerId = tape.TextOf(root, "id"u8),
            StopReason = tape.TextOf(root, "stop_reason"u8) ?? tape.TextOf(root, "status"u8) ?? tape.TextOf(tape.FirstChild(tape.Member(root, "choices"u8)), "finish_reason"u8),
            Texts = listed ? [] : [.. finder.Texts.Where(site => site.Role is not TextRole.Other || tape[site.Node].Parent > 0).Select(site => new InspectedText(tape.Pointer(site.Node), site.Role.Name(), site.Text))],
            Unseen = finder.Unseen,
            Failure = failure,
        };
    }

    // They repeat the text token by token.
    private static void DropLogprobs(JsonTape tape, JsonEdits edits)
    {
        for (int node = 1; node < tape.Count; node++)
        {
            if (tape[node].Kind is JsonKind.Object or JsonKind.Array && tape.IsNamed(node, "logprobs"u8))
            {
                edits.Replace(tape[node].Start, tape[node].End, tape[node].Kind is JsonKind.Array ? "[]"u8 : "null"u8);
            }
        }
    }

    private static HttpContext Fresh(LlmCall call)
    {
        HttpResponse response = call.Context.Response;
        if (!response.HasStarted)
        {
            response.ContentLength = null;
            response.Headers.Remove("Cache-Control");
        }

        return call.Context;
    }
}
