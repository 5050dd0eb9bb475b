using System.Buffers;
using System.Text.Json;
using Muniment.Events.Canonical;

namespace Muniment.Journal.Text;

/// <summary>The text of an event that <c>q</c> looks at: action, target, reason, artifact, tool, model, and every string value of the details.</summary>
internal static class EventText
{
    public static void Each<TVisitor>(CanonicalEvent canonical, ref TVisitor visitor)
        where TVisitor : struct, IWordVisitor
    {
        TextWords.Each(canonical.Action, ref visitor);
        TextWords.Each(canonical.Target, ref visitor);
        TextWords.Each(canonical.Reason, ref visitor);
        if (canonical.Artifact is { } artifact)
        {
            TextWords.Each(artifact.Kind, ref visitor);
            TextWords.Each(artifact.Name, ref visitor);
            TextWords.Each(artifact.Version, ref visitor);
            TextWords.Each(artifact.Digest, ref visitor);
        }

        if (canonical.Tool is { } tool)
        {
            TextWords.Each(tool.Name, ref visitor);
            TextWords.Each(tool.Namespace, ref visitor);
            TextWords.Each(tool.Server, ref visitor);
            TextWords.Each(tool.Call, ref visitor);
            TextWords.Each(tool.Command, ref visitor);
        }

        if (canonical.Model is { } model)
        {
            TextWords.Each(model.Provider, ref visitor);
            TextWords.Each(model.Requested, ref visitor);
            TextWords.Each(model.Served, ref visitor);
        }

        Details(canonical.Details.Span, ref visitor);
    }

    private static void Details<TVisitor>(ReadOnlySpan<byte> json, ref TVisitor visitor)
        where TVisitor : struct, IWordVisitor
    {
        if (json.IsEmpty)
        {
            return;
        }

        Utf8JsonReader reader = new(json, new JsonReaderOptions { MaxDepth = 1000 });
        while (reader.Read())
        {
            if (reader.TokenType != JsonTokenType.String)
            {
                continue;
            }

            if (!reader.ValueIsEscaped)
            {
                TextWords.Each(reader.ValueSpan, ref visitor);
                continue;
            }

            byte[] buffer = ArrayPool<byte>.Shared.Rent(reader.ValueSpan.Length);
            TextWords.Each(buffer.AsSpan(0, reader.CopyString(buffer)), ref visitor);
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
