using System.Collections.Immutable;

namespace Muniment.Policy.Documents;

/// <summary>What a call is changed to.</summary>
public sealed record PolicyChanges
{
    /// <summary>Nothing.</summary>
    public static PolicyChanges None { get; } = new();

    /// <summary>Most tokens of the answer.</summary>
    public long? MaxTokens { get; init; }

    /// <summary>Another model.</summary>
    public string? Model { get; init; }

    /// <summary>Another upstream.</summary>
    public string? Upstream { get; init; }

    /// <summary>Upstreams to try in order when the first does not answer.</summary>
    public ImmutableArray<FallbackTarget> Fallback { get; init; } = [];

    /// <summary>Tools that are taken out of the request, with wildcards.</summary>
    public ImmutableArray<string> ToolsRemove { get; init; } = [];

    /// <summary>Members of <c>resource</c> that are filled in at ingest: name without <c>resource.</c> and value.</summary>
    public ImmutableArray<KeyValuePair<string, string>> Resource { get; init; } = [];

    /// <summary>Whether nothing is changed.</summary>
    public bool IsNone => MaxTokens is null && Model is null && Upstream is null && Fallback.IsEmpty && ToolsRemove.IsEmpty && Resource.IsEmpty;

    /// <summary>These changes, and of a later rule's what does not contradict them: the lower <c>max_tokens</c>, every tool removed, else the first that names a thing.</summary>
    public PolicyChanges And(PolicyChanges later)
    {
        if (IsNone || later.IsNone)
        {
            return IsNone ? later : this;
        }

        return new PolicyChanges
        {
            MaxTokens = MaxTokens is { } mine && later.MaxTokens is { } its ? Math.Min(mine, its) : MaxTokens ?? later.MaxTokens,
            Model = Model ?? later.Model,
            Upstream = Upstream ?? later.Upstream,
            Fallback = Fallback.IsEmpty ? later.Fallback : Fallback,
            ToolsRemove = [.. ToolsRemove.Union(later.ToolsRemove, StringComparer.Ordinal)],
            Resource = [.. Resource, .. later.Resource.Where(r => !Resource.Any(m => m.Key == r.Key))],
        };
    }
}

/// <summary>Where a call goes when its upstream does not answer.</summary>
/// <param name="Upstream">The upstream's name.</param>
/// <param name="Model">Its model; null for the one that was asked for.</param>
public readonly record struct FallbackTarget(string Upstream, string? Model = null);
