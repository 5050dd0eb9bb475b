using System.Text;
using Muniment.Delivery.Batches;
using Muniment.Delivery.Configuration;
using Muniment.Delivery.Kinds;
using Muniment.Delivery.Outcomes;
using Muniment.Delivery.Running;
using Muniment.Delivery.Storage;
using Muniment.Delivery.Testing;
using Muniment.Delivery.Tests.Fakes;

namespace Muniment.Delivery.Tests.Kinds;

/// <summary>What the tests of every kind do: one request through the kind's own classes, everything through the runner, and the connection test.</summary>
internal static class KindBench
{
    /// <summary>Builds one batch of what the source holds and sends it.</summary>
    public static async Task<DeliveryOutcome> SendAsync(string json, FakeSource source, TimeProvider? time = null)
    {
        DestinationConfig config = Fixtures.Config(json, out SecretBag secrets);
        using Batch batch = await BuildAsync(config, source);
        await using IDestinationSender sender = Sender(config, secrets, time);
        return await sender.SendAsync(new BatchSlice(batch, 0, 0, batch.Items.Count), default);
    }

    public static IDestinationSender Sender(DestinationConfig config, SecretBag secrets, TimeProvider? time = null) =>
        KindRegistry.Default.Find(config.Kind)!.CreateSender(new SenderContext("acme", config, secrets, Fixtures.Http(), Path.GetTempPath(), time ?? TimeProvider.System));

    public static Task<Batch> BuildAsync(DestinationConfig config, FakeSource source) => Fixtures.Builder(source).BuildAsync(
        new BatchRequest { Selection = config, Shape = config, From = 0, To = source.Size, FirstN = 0, Epoch = 1 }, default);

    /// <summary>The request that the product makes of one batch, as a well-behaved server received it.</summary>
    public static async Task<WireRequest> CaptureAsync(StrictServer server, Func<string, string> json, int events = 3)
    {
        await server.StartAsync();
        FakeSource source = new();
        source.Add(events);
        DeliveryOutcome outcome = await SendAsync(json(server.Address.ToString()), source);
        Assert.True(outcome.Kind == OutcomeKind.Delivered, outcome.Message + string.Join("; ", server.Refusals));
        Assert.Empty(server.Refusals);
        return server.Requests.Last();
    }

    /// <summary>Delivers all of the source and returns the last status.</summary>
    public static async Task<DestinationStatus> DeliverAsync(string json, FakeSource source, IDestinationStore? store = null, TimeProvider? time = null)
    {
        DeliveryServices services = Fixtures.Services(source, store ?? new MemoryDestinationStore(), Path.GetTempPath(), time) with { Random = () => 0 };
        await using DestinationRunner runner = await Fixtures.OpenAsync(services, json);
        return await runner.UntilAsync(s => s.Position == source.Size);
    }

    public static Task<TestReport> TestAsync(string json, TimeProvider? time = null) =>
        new DestinationTester(Fixtures.Services(new FakeSource(), new MemoryDestinationStore(), Path.GetTempPath(), time)).RunAsync(Fixtures.Tenant, Fixtures.Config(json, out SecretBag secrets), secrets, default);

    /// <summary>The refusal of a configuration.</summary>
    public static string? Refusal(string json) =>
        Fixtures.Reader.Read(Encoding.UTF8.GetBytes(json), SecretBag.Empty, null, out _, out _) is { } error ? error.Field : null;
}
