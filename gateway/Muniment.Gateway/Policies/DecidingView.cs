using System.Collections.Frozen;
using System.Collections.Immutable;
using Muniment.Gateway.Upstreams;
using Muniment.Messages.Tenants;

namespace Muniment.Gateway.Policies;

/// <summary>What one tenant decides with, as this gateway knows it; immutable, replaced as a whole.</summary>
internal sealed class DecidingView
{
    private readonly ImmutableArray<UpstreamMessage> _messages;

    private DecidingView(DecidingMessage message, FrozenDictionary<string, Upstream> upstreams)
    {
        Version = message.Version;
        _messages = message.Upstreams;
        Upstreams = upstreams;
    }

    public long Version { get; }

    /// <summary>Upstreams by name. One whose credential cannot be opened is not among them.</summary>
    public FrozenDictionary<string, Upstream> Upstreams { get; }

    public UpstreamMessage? FindMessage(string name) => _messages.FirstOrDefault(upstream => upstream.Name == name);

    /// <summary>Builds the view of a message.</summary>
    public static DecidingView Create(DecidingMessage message, Func<UpstreamMessage, Upstream?> open) => new(
        message, message.Upstreams.Select(open).OfType<Upstream>().ToFrozenDictionary(upstream => upstream.Name, StringComparer.Ordinal));
}
