using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Muniment.Delivery.Batches;
using Muniment.Delivery.Configuration;
using Muniment.Delivery.Kinds;
using Muniment.Delivery.Running;
using Muniment.Delivery.Storage;
using Muniment.Egress;
using Muniment.Events;
using Muniment.Events.Canonical;
using Muniment.Events.Keys;

namespace Muniment.Delivery.Tests.Fakes;

internal static class Fixtures
{
    public static TenantId Tenant { get; } = TenantId.Parse("acme");

    public static KeyRing Keys { get; } = new();

    public static ConfigReader Reader { get; } = new(KindRegistry.Default, new FieldEquals());

    public static DestinationConfig Config(string json, out SecretBag secrets)
    {
        ConfigError? error = Reader.Read(Encoding.UTF8.GetBytes(json), SecretBag.Empty, null, out DestinationConfig? config, out secrets);
        Assert.Null(error);
        return config!;
    }

    public static DestinationConfig Hec(string more = "") => Config($$"""{"id":"d","kind":"splunk_hec","endpoint":"http://127.0.0.1:1","credential":{"token":"t"}{{more}}}""", out _);

    public static BatchBuilder Builder(IEventSource source) =>
        new("log/acme", Tenant.Value, source, () => new CanonicalProjection(Tenant, new FakeMapper()), new FieldEquals(), KindRegistry.Default);

    public static DeliveryServices Services(IEventSource source, IDestinationStore store, string export, TimeProvider? time = null) => new()
    {
        Store = store,
        Source = _ => source,
        Projection = tenant => new CanonicalProjection(tenant, new FakeMapper()),
        Predicates = new FieldEquals(),
        Keyring = Keys,
        Http = Http(),
        ExportDirectory = export,
        Origin = tenant => "log/" + tenant,
        Time = time ?? TimeProvider.System,
        Sweep = TimeSpan.FromMilliseconds(200),
    };

    public static EgressHttp Http(string rules = "127.0.0.0/8")
    {
        Assert.True(EgressRule.TryParseList(rules, out ImmutableArray<EgressRule> list, out _));
        return new EgressHttp(new EgressGuard(list, new PlatformEndpoints(), new SystemHostResolver()));
    }

    /// <summary>How long anything may take on a machine that is slow and busy with other tests. Nobody waits so long when all is well.</summary>
    public static TimeSpan Patience { get; } = TimeSpan.FromMinutes(3);

    /// <summary>Makes a stored destination whose retries do not wait long.</summary>
    public static async Task<DestinationRunner> OpenAsync(DeliveryServices services, string json, long start = 0)
    {
        Assert.Null(Reader.Read(Encoding.UTF8.GetBytes(json), SecretBag.Empty, null, out DestinationConfig? config, out SecretBag secrets));
        await services.Store.CreateAsync(new DestinationRow(Tenant, config!.Id, 0, 1, ConfigWriter.Write(config, secrets), secrets.Seal(Keys.Current(Tenant), config.Id),
            Delivery.Machine.DestinationMachine.Begin(start).Write()), default);
        return (await DestinationRunner.OpenAsync(services, Tenant, config.Id, default))!;
    }

    public static async Task<DestinationStatus> UntilAsync(this DestinationRunner runner, Func<DestinationStatus, bool> condition)
    {
        using CancellationTokenSource limit = new(Patience);
        while (true)
        {
            DestinationStatus status;
            try
            {
                status = await runner.GetStatusAsync(default).WaitAsync(Patience);
            }
            catch (RunnerEndedException)
            {
                RunnerEnd end = await runner.Completion.WaitAsync(Patience);
                throw new InvalidOperationException($"the runner ended: {end.Kind}", end.Error);
            }

            if (condition(status))
            {
                return status;
            }

            if (limit.IsCancellationRequested)
            {
                throw new TimeoutException($"last seen: {status} {status.Reason?.Code} {status.Reason?.Message} outcomes {string.Join(',', status.Outcomes)}");
            }

            await Task.Delay(5);
        }
    }

    internal sealed class KeyRing : ITenantKeyring
    {
        private readonly TenantKeys _keys = new(Tenant, 7, SHA256.HashData("root"u8));

        public TenantKeys Current(TenantId tenant) => _keys;

        public TenantKeys? Find(TenantId tenant, uint keyId) => keyId == 7 ? _keys : null;
    }

    /// <summary>Understands <c>{"result":"denied"}</c> and <c>{"target":"t1"}</c>; enough to see that selection is asked.</summary>
    internal sealed class FieldEquals : IPredicateCompiler
    {
        public Func<CanonicalEvent, bool>? Compile(JsonElement selection, out string? expected)
        {
            expected = "an object of result and target";
            if (selection.ValueKind != JsonValueKind.Object)
            {
                return null;
            }

            string? result = null, target = null;
            foreach (JsonProperty member in selection.EnumerateObject())
            {
                switch (member.Name)
                {
                    case "result":
                        result = member.Value.GetString();
                        break;
                    case "target":
                        target = member.Value.GetString();
                        break;
                    default:
                        return null;
                }
            }

            return e => (result is null || e.Result == result) && (target is null || e.Target == target);
        }
    }

    internal sealed class FakeMapper : IRecordMapper
    {
        public void Map(in StoredEvent stored, Envelope envelope, CanonicalEvent target)
        {
            target.Actor = new ActorPart { Id = "service:x", Type = "service" };
            target.Action = "log.record";
            target.Result = "info";
        }
    }

    public static string Text(this ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);
}
