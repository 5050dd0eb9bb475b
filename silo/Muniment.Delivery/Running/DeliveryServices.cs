using System.Collections.Immutable;
using Muniment.Delivery.Batches;
using Muniment.Delivery.Configuration;
using Muniment.Delivery.Kinds;
using Muniment.Delivery.Storage;
using Muniment.Egress;
using Muniment.Events;
using Muniment.Events.Keys;

namespace Muniment.Delivery.Running;

/// <summary>What every destination of a process shares. Made once by the host.</summary>
public sealed record DeliveryServices
{
    /// <summary>Control state.</summary>
    public required IDestinationStore Store { get; init; }
    /// <summary>A tenant's log.</summary>
    public required Func<TenantId, IEventSource> Source { get; init; }
    /// <summary>A tenant's projection; each call gives one of its own.</summary>
    public required Func<TenantId, IEventProjection> Projection { get; init; }
    /// <summary>The predicate language.</summary>
    public required IPredicateCompiler Predicates { get; init; }
    /// <summary>The detectors of <c>redact</c>.</summary>
    public IRedactionCompiler Redactions { get; init; } = new NoRedaction();
    /// <summary>Tenants' keys.</summary>
    public required ITenantKeyring Keyring { get; init; }
    /// <summary>The way out.</summary>
    public required EgressHttp Http { get; init; }
    /// <summary>Folder <c>export</c> of the data directory.</summary>
    public required string ExportDirectory { get; init; }
    /// <summary>Name of a tenant's log, as in its checkpoints.</summary>
    public required Func<TenantId, string> Origin { get; init; }
    /// <summary>Kinds.</summary>
    public KindRegistry Kinds { get; init; } = KindRegistry.Default;
    /// <summary>Clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
    /// <summary>Chance, for jitter.</summary>
    public Func<double> Random { get; init; } = System.Random.Shared.NextDouble;
    /// <summary>Named places where a test lets the process die.</summary>
    public Action<string> Failpoint { get; init; } = _ => { };
    /// <summary>A deliberate mistake for the soaks' own check: the position moves before the request goes out. Never set in a product build.</summary>
    public bool SettleBeforeSend { get; init; }
    /// <summary>Metrics.</summary>
    public DeliveryInstruments Instruments { get; init; } = new();
    /// <summary>How often a destination that has caught up looks for news by itself; hints come sooner.</summary>
    public TimeSpan Sweep { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Longest a sender may work on one request, acknowledgements and tokens included; kinds have shorter limits of their own. Behind it the outcome is unknown and the request
    /// is made again, so that no sender can hang a destination.
    /// </summary>
    public TimeSpan SendLimit { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Under <c>on_full: expire</c>, how old an undelivered event may grow; null for no limit (<c>Delivery:MaxBacklogAge</c>).</summary>
    public TimeSpan? MaxBacklogAge { get; init; }

    /// <summary>Writes a notice into the tenant's log; false or an error means that it was not written and is told again. Null where nobody listens.</summary>
    public Func<DeliveryNotice, CancellationToken, Task<bool>>? Report { get; init; }

    /// <summary>Tenants whose destinations may use the process's own cloud credentials (<c>Delivery:AmbientTenants</c>).</summary>
    public ImmutableHashSet<string> AmbientTenants { get; init; } = [];

    /// <summary>Reads configurations of a tenant.</summary>
    public ConfigReader ReaderOf(TenantId tenant) => new(Kinds, Predicates) { MayUseAmbient = AmbientTenants.Contains(tenant.Value), Redactions = Redactions };

    /// <summary>Makes the sender of a destination.</summary>
    public IDestinationSender Sender(TenantId tenant, DestinationConfig config, SecretBag secrets) =>
        Kinds.Find(config.Kind)!.CreateSender(new SenderContext(tenant.Value, config, secrets, Http, ExportDirectory, Time) { MayUseAmbient = AmbientTenants.Contains(tenant.Value) });

    /// <summary>Builds batches of one tenant.</summary>
    public BatchBuilder Builder(TenantId tenant) =>
        new(Origin(tenant), tenant.Value, Source(tenant), () => Projection(tenant), Predicates, Kinds) { Redactions = Redactions, Budget = Instruments.Batches };
}
