using System.Buffers;
using System.Text.Json;
using Muniment.Events.Terms;

namespace Muniment.Events.Canonical;

/// <summary>The words of an event that <c>q</c> looks in: action, target, reason, artifact, tool, model, and the texts and numbers of details.</summary>
public static class EventWords
{
    private const int MaxStackChars = 512;

    /// <summary>Hands each word to the sink, repeats included.</summary>
    public static void Collect<TSink>(CanonicalEvent e, ref TSink sink)
        where TSink : IWordSink, allows ref struct
    {
        TextWords.Collect(e.Action, ref sink);
        TextWords.Collect(e.Target, ref sink);
        TextWords.Collect(e.Reason, ref sink);
        if (e.Artifact is { } artifact)
        {
            TextWords.Collect(artifact.Kind, ref sink);
            TextWords.Collect(artifact.Name, ref sink);
            TextWords.Collect(artifact.Version, ref sink);
            TextWords.Collect(artifact.Digest, ref sink);
        }

        if (e.Tool is { } tool)
        {
            TextWords.Collect(tool.Name, ref sink);
            TextWords.Collect(tool.Namespace, ref sink);
            TextWords.Collect(tool.Server, ref sink);
            TextWords.Collect(tool.Call, ref sink);
            TextWords.Collect(tool.Command, ref sink);
        }

        if (e.Model is { } model)
        {
            TextWords.Collect(model.Provider, ref sink);
            TextWords.Collect(model.Requested, ref sink);
            TextWords.Collect(model.Served, ref sink);
        }

        if (!e.Details.IsEmpty)
        {
            CollectJson(e.Details.Span, ref sink);
        }
    }

    private static void CollectJson<TSink>(scoped ReadOnlySpan<byte> json, ref TSink sink)
        where TSink : IWordSink, allows ref struct
    {
        Span<char> small = stackalloc char[MaxStackChars];
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 2 * EventLimits.MaxDepth });
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.Number)
            {
                int length = System.Text.Encoding.ASCII.GetChars(reader.ValueSpan[..Math.Min(reader.ValueSpan.Length, MaxStackChars)], small);
                TextWords.Collect(small[..length], ref sink);
            }
            else if (reader.TokenType == JsonTokenType.String && reader.ValueSpan.Length <= MaxStackChars)
            {
                TextWords.Collect(small[..reader.CopyString(small)], ref sink);
            }
            else if (reader.TokenType == JsonTokenType.String)
            {
                char[] large = ArrayPool<char>.Shared.Rent(reader.ValueSpan.Length);
                TextWords.Collect(large.AsSpan(0, reader.CopyString(large)), ref sink);
                ArrayPool<char>.Shared.Return(large);
            }
        }
    }
}
