using System.Collections.Immutable;
using System.Text;
using Muniment.Gateway.Deciding.Prices;
using Muniment.Gateway.Llm.Json;

namespace Muniment.Gateway.Llm.Requests;

/// <summary>A file of calls that are to be made as a batch: lines of JSON whose <c>body</c> is a call.</summary>
/// <param name="Calls">The models that they ask for, each once (empty where a call names none), with the tokens that its calls may use at most.</param>
internal sealed record BatchFile(IReadOnlyList<(string? Model, TokenEstimate Tokens)> Calls)
{
    /// <summary>The models.</summary>
    public ImmutableArray<string> Models { get; } = [.. Calls.Select(call => call.Model ?? "")];

    /// <summary>Finds it among the parts of an upload; null when none of them holds a call.</summary>
    public static BatchFile? Find(IEnumerable<UploadReader.Part> parts)
    {
        var models = new OrderedDictionary<string, TokenEstimate>(StringComparer.Ordinal);
        var tape = new JsonTape();
        foreach (string line in parts.Where(part => part.Text is not null).SelectMany(part => part.Text!.Split('\n')))
        {
            if (!Redaction.DocumentScrubber.MayBeJson(line) || tape.Read(Encoding.UTF8.GetBytes(line)) is not JsonFault.None || tape.Member(0, "body"u8) is not (>= 0 and int body))
            {
                continue;
            }

            string model = tape.TextOf(body, "model"u8) ?? "";
            models[model] = models.GetValueOrDefault(model) + LlmRequest.Estimate(tape, body, line.Length, isEmbedding: (tape.TextOf(0, "url"u8) ?? "").Contains("embeddings", StringComparison.OrdinalIgnoreCase));
        }

        return models.Count == 0 ? null : new BatchFile([.. models.Select(model => ((string?)model.Key, model.Value))]);
    }
}
