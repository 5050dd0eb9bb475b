using System.Collections.Frozen;
using System.Collections.Immutable;
using Muniment.Gateway.Deciding.Prices;
using Muniment.Gateway.Llm.Json;
using Muniment.Gateway.Llm.Surfaces;
using Muniment.Gateway.Llm.Texts;
using Muniment.Policy.Evaluation;

namespace Muniment.Gateway.Llm.Requests;

/// <summary>The JSON body of a model call, read: what it asks for and every text in it.</summary>
internal sealed class LlmRequest
{
    /// <summary>Output that is reserved when a call names no bound of its own.</summary>
    public const long UsualOutputTokens = 4096;

    /// <summary>No model writes more in one answer; a bound above it is a number, not a bound.</summary>
    public const long MostOutputTokens = 1_000_000_000;

    // What decisions and changes go by.
    private static readonly FrozenSet<string> ReadNames = FrozenSet.ToFrozenSet(
        ["model", "models", "fallbacks", "stream", "stream_options", "max_tokens", "max_completion_tokens", "max_output_tokens", "n", "tools", "functions", "requests", "params", "input_file_id", "metadata", "user"]);

    // Tokenizers make of a byte at most one token and of English about a quarter; a third covers code and most languages.
    private const int BytesPerToken = 3;

    private LlmRequest(ReadOnlyMemory<byte> body, JsonTape tape, Surface surface)
    {
        Body = body;
        Tape = tape;
        Surface = surface;
    }

    /// <summary>The body.</summary>
    public ReadOnlyMemory<byte> Body { get; }

    /// <summary>Its values.</summary>
    public JsonTape Tape { get; }

    /// <summary>Which API.</summary>
    public Surface Surface { get; }

    /// <summary>Its texts.</summary>
    public TextFinder Finder { get; } = new();

    /// <summary>The model that is asked for; null when the call names none.</summary>
    public string? Model { get; private init; }

    /// <summary>Models of a batch, or the one of the call with those that it names to take its place; null when there is no other.</summary>
    public ImmutableArray<string>? Models { get; private init; }

    /// <summary>Whether the answer is streamed.</summary>
    public bool IsStreamed { get; private init; }

    /// <summary>Whether the client asked for the usage of a stream.</summary>
    public bool AsksUsage { get; private init; }

    /// <summary>Who the body claims the user is; null when it does not say.</summary>
    public string? ClaimedUser { get; private init; }

    /// <summary>Reads a body.</summary>
    public static JsonFault TryRead(ReadOnlyMemory<byte> body, Surface surface, out LlmRequest? request)
    {
        request = null;
        JsonTape tape = JsonTape.Take();
        JsonFault fault = tape.Read(body, refuseRepeated: true);
        if (fault is not JsonFault.None)
        {
            return fault;
        }

        if (tape[0].Kind is not JsonKind.Object)
        {
            return JsonFault.Malformed;
        }

        if (tape.HasInOtherCase(0, ReadNames))
        {
            return JsonFault.OtherCase;
        }

        ImmutableArray<string>? models = surface.Kind is SurfaceKind.MessageBatch ? BatchModels(tape) : WithAlternatives(tape);
        if (!IsPlainModel(tape, 0) || models?.All(IsPlainName) is false)
        {
            return JsonFault.BadModel;
        }

        int stream = tape.Member(0, "stream"u8);
        request = new LlmRequest(body, tape, surface)
        {
            Model = tape.TextOf(0, "model"u8),
            Models = models,
            IsStreamed = tape.IsTrue(stream),
            AsksUsage = tape.IsTrue(tape.Member(tape.Member(0, "stream_options"u8), "include_usage"u8)),
            ClaimedUser = tape.TextOf(0, "user"u8) ?? tape.TextOf(tape.Member(0, "metadata"u8), "user_id"u8),
        };
        request.Finder.Find(tape);
        return JsonFault.None;
    }

    /// <summary>The texts as decisions see them.</summary>
    public ImmutableArray<InspectedText> InspectedTexts()
    {
        var texts = ImmutableArray.CreateBuilder<InspectedText>(Finder.Texts.Count);
        foreach (TextSite site in Finder.Texts)
        {
            texts.Add(new InspectedText(Tape.Pointer(site.Node), site.Role.Name(), site.Text));
        }

        return texts.MoveToImmutable();
    }

    /// <summary>Tokens that the call may use at most, as far as its length and its own bound tell, with the model that is asked for; for a batch those of all its calls.</summary>
    public IReadOnlyList<(string? Model, TokenEstimate Tokens)> Estimates()
    {
        if (Surface.Kind is not SurfaceKind.MessageBatch)
        {
            return Surface.IsModelCall ? [(Model, Estimate(Tape, 0, Body.Length, Surface.Kind is SurfaceKind.Embeddings))] : [];
        }

        List<(string?, TokenEstimate)> calls = [];
        for (int item = Tape.FirstChild(Tape.Member(0, "requests"u8)); item >= 0; item = Tape.NextSibling(item))
        {
            int call = Tape.Member(item, "params"u8);
            calls.Add((Tape.TextOf(call, "model"u8), Estimate(Tape, call, Tape[item].End - Tape[item].Start, isEmbedding: false)));
        }

        return calls;
    }

    /// <summary>Tokens that one call may use at most.</summary>
    public static TokenEstimate Estimate(JsonTape tape, int call, int lengthBytes, bool isEmbedding)
    {
        long input = (lengthBytes / BytesPerToken) + 8;
        if (isEmbedding)
        {
            return new TokenEstimate(input, 0);
        }

        long asked = OutputBound(tape, call);
        long choices = Math.Clamp(tape.Number(tape.Member(call, "n"u8)), 1, 128);
        return new TokenEstimate(input, Math.Min(asked < 0 ? UsualOutputTokens : asked, MostOutputTokens) * choices);
    }

    private static long OutputBound(JsonTape tape, int call)
    {
        long bound = -1;
        foreach (ReadOnlyMemory<byte> name in RequestEditor.OutputNames)
        {
            bound = Math.Max(bound, tape.Number(tape.Member(call, name.Span)));
        }

        return bound;
    }

    // What stands there must be what policies compare: readers disagree about lists, spaces and what nobody sees.
    private static bool IsPlainModel(JsonTape tape, int call)
    {
        int model = tape.Member(call, "model"u8);
        return tape.IsNull(model) || (tape[model].Kind is JsonKind.String && IsPlainName(tape.Text(model)));
    }

    private static bool IsPlainName(string model) => !model.StartsWith(' ') && !model.EndsWith(' ') && !model.AsSpan().ContainsAnyExceptInRange(' ', '~');

    // Routers among upstreams take further models (models: ["…"], fallbacks: ["…"], [{ model }] or [{ "for": ["…"] }]), and some tools have a model of their own.
    private static List<string>? Alternatives(JsonTape tape, int call)
    {
        List<string>? named = null;
        for (int member = tape.FirstChild(call); member >= 0; member = tape.NextSibling(member))
        {
            if (tape.IsNamed(member, "models"u8) || tape.Name(member).Contains("fallback", StringComparison.OrdinalIgnoreCase))
            {
                AddModels(tape, member, ref named);
            }
            else if (tape.IsNamed(member, "tools"u8))
            {
                for (int tool = tape.FirstChild(member); tool >= 0; tool = tape.NextSibling(tool))
                {
                    AddModels(tape, tape.Member(tool, "model"u8), ref named);
                }
            }
        }

        return named;
    }

    /// <summary>Models that a call names beside its own.</summary>
    public static IReadOnlyList<string> OtherModels(JsonTape tape, int call) => Alternatives(tape, call) ?? [];

    private static void AddModels(JsonTape tape, int node, ref List<string>? named)
    {
        if (node < 0)
        {
            return;
        }

        if (tape[node].Kind is JsonKind.String)
        {
            (named ??= []).Add(tape.Text(node));
            return;
        }

        for (int child = tape.FirstChild(node); child >= 0; child = tape.NextSibling(child))
        {
            if (tape[node].Kind is JsonKind.Array || tape[child].Kind is JsonKind.Array || tape.IsNamed(child, "model"u8))
            {
                AddModels(tape, child, ref named);
            }
        }
    }

    private static ImmutableArray<string>? WithAlternatives(JsonTape tape) =>
        Alternatives(tape, 0) is { } named ? [.. named.Prepend(tape.TextOf(0, "model"u8) ?? named[0]).Distinct(StringComparer.Ordinal)] : null;

    private static ImmutableArray<string> BatchModels(JsonTape tape)
    {
        var models = new HashSet<string>(StringComparer.Ordinal);
        int requests = tape.Member(0, "requests"u8);
        for (int item = tape.FirstChild(requests); item >= 0; item = tape.NextSibling(item))
        {
            int call = tape.Member(item, "params"u8);
            models.Add(IsPlainModel(tape, call) && !tape.HasInOtherCase(item, ReadNames) && !tape.HasInOtherCase(call, ReadNames) ? tape.TextOf(call, "model"u8) ?? "" : " ");
            models.UnionWith(Alternatives(tape, call) ?? []);
        }

        return [.. models];
    }
}
