using System.Collections.Frozen;
using System.Collections.Immutable;
using Muniment.Gateway.Ingest.Rules;
using Muniment.Gateway.Upstreams;
using Muniment.Messages.Tenants;
using Muniment.Policy.Documents;
using Muniment.Policy.Evaluation;

namespace Muniment.Gateway.Policies;

/// <summary>What one tenant decides with, as this gateway knows it; immutable, replaced as a whole.</summary>
internal sealed class DecidingView
{
    private readonly ImmutableArray<UpstreamMessage> _messages;

    private DecidingView(DecidingMessage message, FrozenDictionary<string, Upstream> upstreams, PolicySet policies)
    {
        Version = message.Version;
        Policies = policies;
        Ingest = IngestRuleSet.Of(policies);
        _messages = message.Upstreams;
        Upstreams = upstreams;
    }

    public long Version { get; }

    /// <summary>The policies in force, compiled.</summary>
    public PolicySet Policies { get; }

    /// <summary>Rules for what comes in at receivers; null when there is none.</summary>
    public IngestRuleSet? Ingest { get; }

    /// <summary>Upstreams by name. One whose credential cannot be opened is not among them.</summary>
    public FrozenDictionary<string, Upstream> Upstreams { get; }

    public UpstreamMessage? FindMessage(string name) => _messages.FirstOrDefault(upstream => upstream.Name == name);

    /// <summary>Builds the view of a message.</summary>
    /// <exception cref="InvalidDataException">A policy cannot be read by this version: nothing is decided without it.</exception>
    public static DecidingView Create(DecidingMessage message, Func<UpstreamMessage, Upstream?> open) => new(
        message,
        message.Upstreams.Select(open).OfType<Upstream>().ToFrozenDictionary(upstream => upstream.Name, StringComparer.Ordinal),
        message.Policies.IsEmpty ? PolicySet.Empty : PolicySet.Build(message.Policies.Select(Read)));

    /// <summary>A stored version, compiled.</summary>
    /// <exception cref="InvalidDataException">It cannot be read by this version.</exception>
    public static PublishedPolicy Read(PolicyMessage policy)
    {
        ParsedPolicy parsed = PolicyParser.Parse(policy.Content);
        return parsed.Document is { } document
            ? new PublishedPolicy(policy.Name, (int)policy.Version, document)
            : throw new InvalidDataException($"policy {policy.Name} version {policy.Version}: {parsed.Errors.FirstOrDefault()}");
    }
}
