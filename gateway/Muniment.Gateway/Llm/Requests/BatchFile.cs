using System.Collections.Immutable;
using System.Text;
using Muniment.Gateway.Llm.Json;

namespace Muniment.Gateway.Llm.Requests;

/// <summary>A file of calls that are to be made as a batch: lines of JSON whose <c>body</c> is a call.</summary>
/// <param name="Models">The models that they ask for, each once; empty where a call names none.</param>
/// <param name="Tokens">Tokens that they may use at most, all together.</param>
internal sealed record BatchFile(ImmutableArray<string> Models, long Tokens)
{
    /// <summary>Finds it among the parts of an upload; null when none of them holds a call.</summary>
    public static BatchFile? Find(IEnumerable<UploadReader.Part> parts)
    {
        var models = new HashSet<string>(StringComparer.Ordinal);
        long tokens = 0;
        var tape = new JsonTape();
        foreach (string line in parts.Where(part => part.Text is not null).SelectMany(part => part.Text!.Split('\n')))
        {
            if (!Redaction.DocumentScrubber.MayBeJson(line) || tape.Read(Encoding.UTF8.GetBytes(line)) is not JsonFault.None || tape.Member(0, "body"u8) is not (>= 0 and int body))
            {
                continue;
            }

            models.Add(tape.TextOf(body, "model"u8) ?? "");
            tokens += LlmRequest.EstimateTokens(tape, body, line.Length, isEmbedding: (tape.TextOf(0, "url"u8) ?? "").Contains("embeddings", StringComparison.OrdinalIgnoreCase));
        }

        return models.Count == 0 ? null : new BatchFile([.. models], tokens);
    }
}
