namespace Muniment.Events.Canonical;

/// <summary>
/// The flat form, in which <c>actor, action, artifact, policy, target, mode, trace</c> are strings. Reading and writing are inverse: what was sent flat comes
/// back as the same text.
/// </summary>
public static class FlatForm
{
    /// <summary><c>user:j@acme.com</c>; without a known prefix the whole text is the id of a <c>service</c>.</summary>
    public static ActorPart ReadActor(string text)
    {
        int colon = text.IndexOf(':');
        string? type = colon > 0 && colon < text.Length - 1 ? Vocabulary.ActorTypes.Find(text.AsSpan(0, colon)) : null;
        return type is null
            ? new ActorPart { Id = text, Type = "service", Flat = text }
            : new ActorPart { Id = text[(colon + 1)..], Type = type, Flat = text };
    }

    /// <summary>The text that was sent, else <c>type:id</c>.</summary>
    public static string? WriteActor(ActorPart actor) =>
        actor.Flat ?? (actor.Type is null || actor.Id is null ? actor.Id : $"{actor.Type}:{actor.Id}");

    /// <summary><c>name@version</c>, cut at the last <c>@</c>; a leading or trailing one belongs to the name.</summary>
    public static ArtifactPart ReadArtifact(string text)
    {
        int at = text.LastIndexOf('@');
        return at > 0 && at < text.Length - 1
            ? new ArtifactPart { Name = text[..at], Version = text[(at + 1)..] }
            : new ArtifactPart { Name = text };
    }

    /// <summary><c>name@version</c>, or the name alone.</summary>
    public static string? WriteArtifact(ArtifactPart? artifact) =>
        artifact is { Name: not null, Version: not null } ? $"{artifact.Name}@{artifact.Version}" : artifact?.Name ?? artifact?.Digest;

    /// <summary>The id, with <c>@version</c> when one is known (a policy that was sent flat has none).</summary>
    public static string? WritePolicy(PolicyPart? policy) =>
        policy is { Id: not null, Version: not null } ? $"{policy.Id}@{policy.Version}" : policy?.Id;

    /// <summary>The correlation, else the most specific id there is.</summary>
    public static string? WriteTrace(TracePart? trace) => trace?.Correlation ?? trace?.TraceId ?? trace?.Session ?? trace?.Request;
}
