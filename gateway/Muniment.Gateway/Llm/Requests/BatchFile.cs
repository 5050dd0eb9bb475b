using System.Collections.Immutable;
using System.Text;
using Muniment.Gateway.Deciding.Prices;
using Muniment.Gateway.Llm.Json;
using Muniment.Gateway.Llm.Texts;
using Muniment.Policy.Evaluation;

namespace Muniment.Gateway.Llm.Requests;

/// <summary>A file of calls that are to be made as a batch: lines of JSON whose <c>body</c> is a call.</summary>
/// <param name="Calls">The models that they ask for, each once (empty where a call names none), with the tokens that its calls may use at most.</param>
internal sealed record BatchFile(IReadOnlyList<(string? Model, TokenEstimate Tokens)> Calls)
{
    /// <summary>The models.</summary>
    public ImmutableArray<string> Models { get; } = [.. Calls.Select(call => call.Model ?? "")];

    /// <summary>Texts that its lines hold in base64; what else they hold is a part of the file's own text.</summary>
    public required IReadOnlyList<InspectedText> Texts { get; init; }

    /// <summary>What in its lines was not looked into.</summary>
    public required IReadOnlyList<UnseenPart> Unseen { get; init; }

    /// <summary>Finds it among the parts of an upload; null when none of them holds a call.</summary>
    public static BatchFile? Find(IEnumerable<UploadReader.Part> parts)
    {
        var models = new OrderedDictionary<string, TokenEstimate>(StringComparer.Ordinal);
        var tape = new JsonTape();
        var finder = new TextFinder();
        List<InspectedText> texts = [];
        List<UnseenPart> unseen = [];
        int number = -1;
        foreach (string line in parts.Where(part => part.Text is not null).SelectMany(part => part.Text!.Split('\n')))
        {
            number++;
            if (!Redaction.DocumentScrubber.MayBeJson(line) || tape.Read(Encoding.UTF8.GetBytes(line)) is not JsonFault.None || tape.Member(0, "body"u8) is not (>= 0 and int body))
            {
                continue;
            }

            finder.Find(tape);
            texts.AddRange(finder.Texts.Where(site => site.Prefix is not null).Select(site => new InspectedText($"/{number}{tape.Pointer(site.Node)}", site.Role.Name(), site.Text)));
            unseen.AddRange(finder.Unseen.Take(TextFinder.MaxTexts - Math.Min(unseen.Count, TextFinder.MaxTexts)).Select(part => part with { Pointer = $"/{number}{part.Pointer}" }));
            string model = tape.TextOf(body, "model"u8) ?? "";
            foreach (string other in LlmRequest.OtherModels(tape, body))
            {
                models.TryAdd(other, default);
            }

            models[model] = models.GetValueOrDefault(model) + LlmRequest.Estimate(tape, body, line.Length, isEmbedding: (tape.TextOf(0, "url"u8) ?? "").Contains("embeddings", StringComparison.OrdinalIgnoreCase));
        }

        return models.Count == 0 ? null : new BatchFile([.. models.Select(model => ((string?)model.Key, model.Value))]) { Texts = texts, Unseen = unseen };
    }
}
