using Muniment.Events;
using Muniment.Events.Canonical;
using Muniment.Gateway.Access;
using Muniment.Gateway.Deciding;
using Muniment.Gateway.Deciding.Records;
using Muniment.Gateway.Ingest.Segments;
using Muniment.Gateway.Tests.Hosting;
using Muniment.Policy.Evaluation;

namespace Muniment.Gateway.Tests.Deciding;

/// <summary>Requests and their answers in one journal: what waits for what, and what becomes of one when the other cannot be recorded.</summary>
public sealed class DecisionLogTests
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30);

    private readonly MemoryJournal _journal;
    private readonly DecisionLog _log;

    public DecisionLogTests()
    {
        var keyring = new MemoryKeyring();
        _journal = new MemoryJournal(keyring);
        _log = new DecisionLog(new EncoderPool(), _journal, keyring, new ManualTime());
    }

    [Fact]
    public async Task AnAnswerDoesNotWaitForARequestThatWasRefused()
    {
        _journal.Hold = new TaskCompletionSource().Task;
        Decision refused;
        Task request;
        int tries = 0;
        do
        {
            Assert.InRange(tries++, 0, RecordQueue.MaxWaiting + (2 * RecordQueue.MaxAppends * RecordQueue.MaxRecords));
            refused = Decide();
            request = _log.AppendInvokeAsync(refused, CancellationToken.None).AsTask();
        }
        while (!request.IsFaulted);

        await Assert.ThrowsAsync<DecidingUnavailableException>(() => request);
        await Assert.ThrowsAsync<DecidingUnavailableException>(() => _log.AppendRespondAsync(refused, new DecisionAnswer(), CancellationToken.None).AsTask().WaitAsync(Long));
    }

    [Fact]
    public async Task AnAnswerThatJoinedItsRequestFailsWithIt()
    {
        var held = new TaskCompletionSource();
        _journal.Hold = held.Task;
        Task first = _log.AppendInvokeAsync(Decide(), CancellationToken.None).AsTask();
        Decision spoiled = Decide(), good = Decide();
        Task request = _log.AppendInvokeAsync(spoiled, CancellationToken.None).AsTask();
        Task answer = _log.AppendRespondAsync(spoiled, new DecisionAnswer(), CancellationToken.None).AsTask();
        Task other = _log.AppendInvokeAsync(good, CancellationToken.None).AsTask();
        Task otherAnswer = _log.AppendRespondAsync(good, new DecisionAnswer(), CancellationToken.None).AsTask();

        // A defect that there should not be: the record does not parse.
        RecordBuffer buffer = spoiled.RequestRecord!.Buffer;
        buffer.Event = null;
        buffer.Json.Reset();
        buffer.Json.WriteNullValue();
        buffer.Finish();
        held.SetResult();
        await Task.WhenAll(first, other, otherAnswer).WaitAsync(Long);
        await Assert.ThrowsAsync<DecidingUnavailableException>(() => request.WaitAsync(Long));
        await Assert.ThrowsAsync<DecidingUnavailableException>(() => answer.WaitAsync(Long));
        IReadOnlyList<CanonicalEvent> events = _journal.Canonical(TenantId.Default);
        Assert.Equal(["model.invoke", "model.invoke", "model.respond"], events.Select(e => e.Action));
        Assert.Equal(1, good.Seq);
    }

    [Fact]
    public async Task TheRecordOfARequestIsKeptOnlyUntilItIsDurable()
    {
        var held = new TaskCompletionSource();
        _journal.Hold = held.Task;
        Decision decision = Decide();
        Task request = _log.AppendInvokeAsync(decision, CancellationToken.None).AsTask();
        Assert.NotNull(decision.RequestRecord);
        held.SetResult();
        await request.WaitAsync(Long);
        Assert.Null(decision.RequestRecord);
        await _log.AppendRespondAsync(decision, new DecisionAnswer(), CancellationToken.None).AsTask().WaitAsync(Long);
        Assert.Equal(["model.invoke", "model.respond"], _journal.Canonical(TenantId.Default).Select(e => e.Action));
    }

    private static Decision Decide()
    {
        var request = new DecisionRequest { Action = DecisionActions.ModelInvoke, Caller = new DecisionCaller { KeyId = "k1", User = "jane" } };
        var call = new DecisionCall(new Caller(TenantId.Default, "k1", Role.Agent, "jane", null, false), request, new DecisionContext { Receiver = "llm" }) { IsSettledLater = true };
        return new Decision(
            Guid.CreateVersion7().ToString(), call, PolicySet.Empty.Decide(request), PolicySet.Empty.Decide(request.AsResponse()), Inspection.None, null, [], null, 1_772_366_400_000_000_000, 12);
    }
}
