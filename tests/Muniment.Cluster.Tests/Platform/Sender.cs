using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Muniment.Events;
using Muniment.Events.Blocks;
using Muniment.Events.Canonical;
using Muniment.Events.Keys;
using Muniment.Gateway.Ingest;
using Muniment.Messages.Journal;

namespace Muniment.Cluster.Tests.Platform;

/// <summary>One request, kept by its sender until it is answered, so that a repeat is the very same.</summary>
internal sealed record SentRequest(string Label, string Session, Segment Segment, byte[] Digest, ImmutableArray<EventIdMessage> Ids)
{
    public byte[] Answer => Encoding.UTF8.GetBytes("answer " + Label);

    public AppendRequest Message => new(
        [new SegmentMessage(Segment.Count, Segment.ReceivedNs, Segment.MinTimeNs, Segment.MaxTimeNs, Segment.Payload, Segment.Leaves, Segment.Terms)], Digest, Ids, Answer, false);

    public string Record(int n) => $$"""{"actor":"user:u","action":"tool.call","result":"allowed","trace":{"session":"{{Session}}"},"details":{"label":"{{Label}}","n":{{n}} } }""";
}

/// <summary>A request that the journal said yes to.</summary>
internal sealed record Acknowledged(SentRequest Request, AppendResult Result, int Attempts);

/// <summary>A client that sends a request again until it is told that it is stored, as a patient exporter does.</summary>
internal sealed class Sender(IGrainFactory door, TenantId tenant, ITenantKeyring keyring, string session = "s0")
{
    private static readonly byte[] Envelope = EnvelopeCodec.Write(new Envelope { Stream = "activity", Receiver = "events" });
    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(5);
    private readonly JournalSink _sink = PlatformCluster.Sink(door);

    public SentRequest Make(string label, int count, ImmutableArray<EventIdMessage> ids = default)
    {
        using SegmentEncoder encoder = new();
        long received = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() * 1_000_000;
        encoder.Begin(keyring.Current(tenant), received);
        int envelope = encoder.AddEnvelope(Envelope);
        SentRequest request = new(label, session, null!, SHA256.HashData(Encoding.UTF8.GetBytes(label))[..16], ids.IsDefault ? [] : ids);
        for (int n = 0; n < count; n++)
        {
            encoder.Add(EntryKind.Event, envelope, -1, -1, Encoding.UTF8.GetBytes(request.Record(n)), received + n);
            encoder.Add(TermField.Session, Encoding.UTF8.GetBytes(session));
        }

        return request with { Segment = encoder.Finish() };
    }

    public Task<AppendResult> AskAsync(SentRequest request) =>
        _sink.AppendAsync(tenant, [request.Segment], request.Digest, request.Ids, request.Answer, priority: false, CancellationToken.None);

    public async Task<Acknowledged> SendAsync(SentRequest request)
    {
        using CancellationTokenSource limit = new(PlatformCluster.Patience);
        for (int attempt = 1; ; attempt++)
        {
            AppendResult result = await AskAsync(request).WaitAsync(limit.Token);
            switch (result.Status)
            {
                case AppendStatus.Accepted or AppendStatus.Repeated:
                    return new Acknowledged(request, result, attempt);
                case AppendStatus.Fenced or AppendStatus.Overloaded or AppendStatus.StorageFailed:
                    await Task.Delay(Breath, limit.Token); // a client that was told 503 or 429 takes a breath
                    break;
                default:
                    throw new InvalidOperationException($"{request.Label}: {result.Status} {result.Detail}");
            }
        }
    }
}

/// <summary>Many senders at once; tells when so many requests are acknowledged, for tests that disturb them in mid-flow.</summary>
internal sealed class Load
{
    private readonly TaskCompletionSource[] _marks;
    private readonly TaskCompletionSource _goesOn = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _most;
    private int _begun;
    private int _acknowledged;

    private Load(int requests) => _marks = [.. Enumerable.Range(0, requests + 1).Select(_ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously))];

    /// <summary>All that was acknowledged; ends when every sender has.</summary>
    public Task<Acknowledged[]> Completion { get; private set; } = null!;

    public int Requests => _marks.Length - 1;

    /// <summary>Starts senders on each of the doors; until <see cref="GoOn"/> they begin no more than <paramref name="most"/> of their requests.</summary>
    public static Load Start(TenantId tenant, ITenantKeyring keyring, IReadOnlyList<IGrainFactory> doors, int sendersEach, int requestsEach, double most = 1)
    {
        Load load = new(doors.Count * sendersEach * requestsEach);
        load._most = (int)(load.Requests * most);
        load.Completion = load.RunAsync(tenant, keyring, doors, sendersEach, requestsEach);
        return load;
    }

    /// <summary>The rest may go.</summary>
    public void GoOn() => _goesOn.TrySetResult();

    /// <summary>Completes when that share of the requests is acknowledged.</summary>
    public Task ReachedAsync(double share) => Task.WhenAny(_marks[Math.Max(1, (int)(Requests * share))].Task, Completion).Unwrap().WaitAsync(PlatformCluster.Patience);

    private async Task<Acknowledged[]> RunAsync(TenantId tenant, ITenantKeyring keyring, IReadOnlyList<IGrainFactory> doors, int sendersEach, int requestsEach)
    {
        Acknowledged[][] all = await Task.WhenAll(Enumerable.Range(0, doors.Count * sendersEach).Select(s => Task.Run(async () =>
        {
            Sender sender = new(doors[s % doors.Count], tenant, keyring, $"s{s}");
            List<Acknowledged> done = [];
            for (int r = 0; r < requestsEach; r++)
            {
                if (Interlocked.Increment(ref _begun) > _most)
                {
                    await _goesOn.Task;
                }

                done.Add(await sender.SendAsync(sender.Make($"s{s}r{r}", 1 + ((s + r) % 4))));
                _marks[Interlocked.Increment(ref _acknowledged)].SetResult();
            }

            return done.ToArray();
        })));
        return [.. all.SelectMany(a => a)];
    }
}
