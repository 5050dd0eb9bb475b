using Muniment.Gateway.Llm.Answers;

namespace Muniment.Gateway.Llm.Forwarding;

/// <summary>What can be wrong with an upstream's answer, whole or streamed: the word of the record, and what clients are told.</summary>
internal static class AnswerFaults
{
    /// <summary>It fell silent.</summary>
    public const string Silent = "upstream_timeout";

    /// <summary>It ended before it was complete.</summary>
    public const string BrokenOff = "upstream_broke_off";

    /// <summary>It is larger than this gateway takes.</summary>
    public const string OverLimit = "over_limit";

    /// <summary>It is not what its form demands.</summary>
    public const string Malformed = "upstream_malformed";

    /// <summary>It came in a content encoding.</summary>
    public const string Encoding = "upstream_encoding";

    /// <summary>It is a stream that begins in its middle, so that what the text begins with cannot be seen.</summary>
    public const string FromMiddle = "stream_from_middle";

    /// <summary>One sentence for the client.</summary>
    public static string Sentence(string fault, bool isStreamed) => fault switch
    {
        Silent => "the upstream fell silent in the middle of its answer",
        Malformed => isStreamed ? "the upstream sent an event that is not valid JSON in UTF-8" : "the upstream's answer is not valid JSON in UTF-8",
        OverLimit => isStreamed ? "the upstream sent an event larger than this gateway takes" : "the upstream's answer is larger than this gateway takes",
        FromMiddle => "starting_after: with detectors in force a stream is shown from its beginning only, because a text that begins in its middle hides what it began with",
        Encoding => "the upstream answered in a content encoding that was not asked for",
        _ => "the upstream ended its answer before it was complete",
    };

    /// <summary>The error for a client that has heard nothing yet.</summary>
    public static LlmError Error(string fault, bool isStreamed = false) =>
        fault is Silent ? LlmError.Timeout(Sentence(fault, isStreamed))
        : fault is FromMiddle ? LlmError.Malformed(Sentence(fault, isStreamed))
        : LlmError.BadGateway(Sentence(fault, isStreamed), "upstream_error");

    /// <summary>Reads some of the answer; the upstream may be silent for so long.</summary>
    public static ValueTask<int> ReadSomeAsync(LlmCall call, Stream stream, Memory<byte> buffer, int idleTimeoutMs)
    {
        call.WaitAtMost(idleTimeoutMs);
        return stream.ReadAsync(buffer, call.Aborted);
    }
}
