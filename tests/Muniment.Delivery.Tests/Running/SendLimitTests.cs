using System.Collections.Immutable;
using Muniment.Delivery.Batches;
using Muniment.Delivery.Configuration;
using Muniment.Delivery.Kinds;
using Muniment.Delivery.Machine;
using Muniment.Delivery.Outcomes;
using Muniment.Delivery.Running;
using Muniment.Delivery.Storage;
using Muniment.Delivery.Tests.Fakes;
using Muniment.Delivery.Tests.Faults;

namespace Muniment.Delivery.Tests.Running;

/// <summary>A sender that hangs is given up, and however it ends by that, the destination goes on.</summary>
public sealed class SendLimitTests
{
    public static TheoryData<string> Ends => ["cancelled", "io", "library"];

    [Theory]
    [MemberData(nameof(Ends))]
    public async Task A_sender_that_hangs_is_given_up_whatever_it_throws(string end)
    {
        FastTime time = new(1);
        FakeSource source = new();
        source.Add(3);
        HangingKind kind = new(end, time);
        DeliveryServices services = Fixtures.Services(source, new MemoryDestinationStore(), Path.GetTempPath(), time) with { Kinds = new KindRegistry([kind]), Random = () => 0 };
        await using DestinationRunner runner = await Fixtures.OpenAsync(services, """{"id":"d","kind":"file","endpoint":"events.ndjson"}""");
        DestinationStatus ill = await runner.UntilAsync(s => s.Outcomes[(int)OutcomeKind.RetryLater] >= 2);
        Assert.Equal((ReasonCode.Unreachable, DeliveryCondition.BackingOff, 0L), (ill.Reason!.Code, ill.State, ill.Position));
        kind.Hangs = false;
        await runner.ResumeAsync(default);
        Assert.Equal(3, (await runner.UntilAsync(s => s.Position == 3)).Delivered);
    }

    /// <summary>The kind <c>file</c> with another sender.</summary>
    private sealed class HangingKind(string end, FastTime time) : IDestinationKind, IDestinationSender
    {
        private readonly IDestinationKind _file = KindRegistry.Default.Find("file")!;

        public volatile bool Hangs = true;

        public string Name => _file.Name;

        public EndpointForm Endpoint => _file.Endpoint;

        public ImmutableArray<FieldRule> Options => _file.Options;

        public ImmutableArray<FieldRule> Credentials => _file.Credentials;

        public ImmutableArray<string> Formats => _file.Formats;

        public bool CarriesRaw => _file.CarriesRaw;

        public BatchConfig Batch => _file.Batch;

        public ConfigError? Check(DestinationConfig config, SecretBag secrets) => null;

        public IEventRenderer CreateRenderer(RenderContext context) => _file.CreateRenderer(context);

        public IDestinationSender CreateSender(SenderContext context) => this;

        public async Task<DeliveryOutcome> SendAsync(BatchSlice slice, CancellationToken cancellationToken)
        {
            if (!Hangs)
            {
                return DeliveryOutcome.Delivered("taken");
            }

            TaskCompletionSource hung = new(TaskCreationOptions.RunContinuationsAsynchronously);
            await using CancellationTokenRegistration registration = cancellationToken.Register(() => hung.TrySetException(end switch
            {
                "cancelled" => new OperationCanceledException(cancellationToken),
                "io" => new IOException("the connection was cut"),
                _ => new InvalidOperationException("the library's own words"),
            }));
            time.Leap(TimeSpan.FromMinutes(10)); // the default limit
            await hung.Task;
            return DeliveryOutcome.Delivered("never");
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
