using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Muniment.Delivery.Running;
using Muniment.Delivery.Storage;
using Muniment.Delivery.Tests.Fakes;

namespace Muniment.Delivery.Tests.Faults;

/// <summary>
/// What goes wrong at one destination costs its neighbours nothing: a healthy destination that shares log, store, egress and clock with the ill one keeps at least 90 % of the rate of
/// a control that shares nothing with it. Both run at the same time against the same receiver, so that a slow machine slows both. Where single requests take very different times, as on a
/// machine that is starved, a short count says little: then the counting goes on, over everything since the warm-up, as long as there are events.
/// </summary>
public sealed class NeighbourTests
{
    private const int Events = 20_000, BatchEvents = 5, Requests = 40, WarmUp = 10, Windows = 20;
    private const double Share = 0.9;

    public static TheoryData<string, Fault> Cases
    {
        get
        {
            TheoryData<string, Fault> cases = [];
            foreach (string name in Adapters.Names)
            {
                FaultAdapter adapter = Adapters.Make(name);
                foreach (Fault fault in Enum.GetValues<Fault>().Where(f => f != Fault.ExpiredCertificate && !adapter.NotApplicable.ContainsKey(f)))
                {
                    if (name == "splunk_hec" || fault == Fault.FlipFlop)
                    {
                        cases.Add(name, fault);
                    }
                }
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Keeps_nine_tenths_of_its_rate(string name, Fault fault)
    {
        await using FaultAdapter adapter = Adapters.Make(name);
        adapter.Reserve();
        if (fault != Fault.Refuse)
        {
            await adapter.ListenAsync(null);
        }

        FakeSource shared = new() { BlockSize = 500 }, own = new() { BlockSize = 500 };
        adapter.Fill(shared, 30);
        if (fault == Fault.TooLargeAlone)
        {
            adapter.FillLarge(shared);
        }
        else if (fault == Fault.Poison)
        {
            adapter.Poison[adapter.KeyOf(17)] = 0;
        }

        shared.Add(Events);
        own.Add(Events);
        adapter.Begin(fault);
        await using Receiver receiver = await Receiver.StartAsync();
        DeliveryServices services = Fixtures.Services(shared, new MemoryDestinationStore(), adapter.ExportDirectory, adapter.Time) with { Random = () => 0.2, Sweep = TimeSpan.FromSeconds(5) };
        JsonObject configuration = adapter.Configuration($"http://127.0.0.1:{adapter.Port}", renewed: false);
        configuration["id"] = "ill";
        await using DestinationRunner ill = await Fixtures.OpenAsync(services, configuration.ToJsonString());
        await using DestinationRunner beside = await Fixtures.OpenAsync(services, receiver.Configuration("beside"));
        await using DestinationRunner alone = await Fixtures.OpenAsync(
            Fixtures.Services(own, new MemoryDestinationStore(), adapter.ExportDirectory, adapter.Time) with { Random = () => 0.2, Sweep = TimeSpan.FromSeconds(5) }, receiver.Configuration("alone"));
        if (fault is not (Fault.BlackHole or Fault.EndlessAnswer))
        {
            await ill.UntilAsync(s => s.Outcomes.Sum() > 0); // others have no outcome for a long time
        }

        List<string> seen = [];
        (int besideFrom, int aloneFrom) = await receiver.UntilAsync(WarmUp);
        for (int window = 1; window <= Windows; window++)
        {
            (int besideTo, int aloneTo) = await receiver.UntilAsync(aloneFrom + (Requests * window));
            seen.Add($"{besideTo - besideFrom} beside, {aloneTo - aloneFrom} alone");
            if (besideTo - besideFrom >= Share * (aloneTo - aloneFrom))
            {
                return;
            }
        }

        Assert.Fail($"requests since the warm-up: {string.Join("; ", seen)}");
    }

    /// <summary>A collector that takes everything some milliseconds later, for two destinations by the first part of the path.</summary>
    private sealed class Receiver : IAsyncDisposable
    {
        private readonly ConcurrentDictionary<string, int> _counts = new() { ["beside"] = 0, ["alone"] = 0 };
        private WebApplication _app = null!;

        public static async Task<Receiver> StartAsync()
        {
            WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0));
            Receiver receiver = new() { _app = builder.Build() };
            receiver._app.MapPost("/{who}/services/collector/event", receiver.TakeAsync);
            await receiver._app.StartAsync();
            return receiver;
        }

        public string Configuration(string who) =>
            $$"""{"id":"{{who}}","kind":"splunk_hec","endpoint":"{{_app.Urls.First()}}/{{who}}","credential":{"token":"t"},"batch":{"max_events":{{BatchEvents}} } }""";

        /// <summary>The counts as soon as the one that is alone has so many.</summary>
        public async Task<(int Beside, int Alone)> UntilAsync(int alone)
        {
            using CancellationTokenSource limit = new(Fixtures.Patience);
            while (_counts["alone"] < alone)
            {
                await Task.Delay(2, limit.Token);
            }

            return (_counts["beside"], _counts["alone"]);
        }

        public ValueTask DisposeAsync() => _app.DisposeAsync();

        private async Task TakeAsync(HttpContext context, string who)
        {
            await context.Request.Body.CopyToAsync(Stream.Null);
            await Task.Delay(4);
            _counts.AddOrUpdate(who, 1, (_, before) => before + 1);
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync("""{"text":"Success","code":0}""");
        }
    }
}
