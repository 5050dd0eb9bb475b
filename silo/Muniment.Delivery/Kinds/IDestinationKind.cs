using System.Collections.Immutable;
using Muniment.Delivery.Configuration;

namespace Muniment.Delivery.Kinds;

/// <summary>
/// One kind of destination. To add one, write a folder with a class of this interface and its renderer and sender, and name it in <see cref="KindRegistry"/>; nothing else
/// knows kinds. Instances have no state.
/// </summary>
public interface IDestinationKind
{
    /// <summary>Name in the outside contract.</summary>
    string Name { get; }

    /// <summary>What its endpoint is.</summary>
    EndpointForm Endpoint { get; }

    /// <summary>Members of <c>options</c>.</summary>
    ImmutableArray<FieldRule> Options { get; }

    /// <summary>Members of <c>credential</c>.</summary>
    ImmutableArray<FieldRule> Credentials { get; }

    /// <summary>Formats for event streams, the default first.</summary>
    ImmutableArray<string> Formats { get; }

    /// <summary>Whether it carries raw OTLP records.</summary>
    bool CarriesRaw { get; }

    /// <summary>Streams that it carries, where that is not all events, and with <see cref="CarriesRaw"/> all raw records as well.</summary>
    ImmutableArray<string> Streams => CarriesRaw ? StreamNames.Events.AddRange(StreamNames.Raw) : StreamNames.Events;

    /// <summary>How old an event may be here; null where it does not matter.</summary>
    AgeLimit? Oldest => null;

    /// <summary>Default limits.</summary>
    BatchConfig Batch { get; }

    /// <summary>Default limits at an endpoint, where a vendor's own service asks for others.</summary>
    BatchConfig BatchFor(string endpoint) => Batch;

    /// <summary>
    /// Where it connects first, for the connection test: scheme <c>https</c> or <c>tls</c> when by TLS; null when it is no network address. Kinds with an endpoint that may be
    /// empty say their vendor's address here.
    /// </summary>
    Uri? Address(DestinationConfig config) => Endpoint == EndpointForm.PlainName ? null : new Uri(config.Endpoint);

    /// <summary>
    /// What of a configuration renderer and sender must agree on, so that bytes of the one are not sent by the other. When it changes, batches that wait are rendered anew.
    /// </summary>
    string WireOf(DestinationConfig config) => "";

    /// <summary>Checks what rules on single fields cannot. Called with all secrets, when somebody configures.</summary>
    ConfigError? Check(DestinationConfig config, SecretBag secrets);

    /// <summary>Makes the writer of single events. Used by one thread.</summary>
    IEventRenderer CreateRenderer(RenderContext context);

    /// <summary>Makes the sender; it lives as long as endpoint, credential and TLS stay the same.</summary>
    IDestinationSender CreateSender(SenderContext context);
}
