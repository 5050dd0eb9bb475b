using System.Collections.Immutable;
using Muniment.Journal;
using Muniment.Messages.Journal;

namespace Muniment.Grains.Journal;

/// <summary>
/// Queue and group commit of one tenant, apart from Orleans so that it can be tested alone.
/// <code>
///  Append ─► queue ─► (slowdown, company) ─► take a group ─► IJournalWriter.CommitAsync (one transaction, fsync) ─► answer each request ─► next group
/// </code>
/// A group is whatever came in while the one before was being written, and, where many append a little each, for a moment more (<see cref="Company"/>). All fields belong to the activation; every method runs in its turns.
/// </summary>
internal sealed class JournalSequencer
{
    private readonly IJournalWriter writer;
    private readonly JournalLimits limits;
    private readonly JournalInstruments instruments;
    private readonly Slowdown slowdown;
    private readonly Company company;
    private readonly Queue<Waiting> queue = new();
    private JournalHead head;
    private long queuedBytes;
    private int urgent;
    private bool pumping;
    private AppendStatus? ended;

    public JournalSequencer(IJournalWriter writer, JournalHead head, JournalLimits limits, JournalInstruments instruments, Slowdown slowdown, Company company)
    {
        this.writer = writer;
        this.head = head;
        this.limits = limits;
        this.instruments = instruments;
        this.slowdown = slowdown;
        this.company = company;
    }

    /// <summary>Head after the last commit.</summary>
    public JournalHead Head => head;

    /// <summary>Bytes waiting.</summary>
    public long QueuedBytes => queuedBytes;

    /// <summary>Set when this writer must not be used any more: it lost the fence, or storage failed and its head is unknown.</summary>
    public AppendStatus? Ended => ended;

    /// <summary>Queues one request and completes when its group is durable. One that <paramref name="mustNotWait"/> for sealing takes those before it along.</summary>
    public Task<AppendResult> AppendAsync(PendingAppend append, bool mustNotWait = false)
    {
        if (ended is { } status)
        {
            return Task.FromResult(Refusal(status, "this writer has ended"));
        }

        long sizeBytes = append.SizeBytes;
        if (queue.Count >= limits.MaxQueuedRequests || (queuedBytes + sizeBytes > limits.MaxQueuedBytes && queue.Count > 0))
        {
            instruments.Refused(AppendStatus.Overloaded);
            return Task.FromResult(Refusal(AppendStatus.Overloaded, "the journal's queue is full"));
        }

        // Continuations must not run inside the pump's turn half-way through answering a group.
        var waiting = new Waiting(append, sizeBytes, mustNotWait, new TaskCompletionSource<AppendResult>(TaskCreationOptions.RunContinuationsAsynchronously));
        queue.Enqueue(waiting);
        queuedBytes += sizeBytes;
        if (mustNotWait)
        {
            urgent++;
            slowdown.Release();
        }

        company.Came(queue.Count, queuedBytes);
        if (!pumping)
        {
            pumping = true;
            _ = PumpAsync();
        }

        return waiting.Done.Task;
    }

    private async Task PumpAsync()
    {
        try
        {
            while (queue.Count > 0)
            {
                if (urgent == 0 && ended is null)
                {
                    await slowdown.WaitAsync();
                }

                if (ended is null)
                {
                    await company.WaitAsync(queue.Count, queuedBytes);
                }

                List<Waiting> group = TakeGroup();
                company.Answered(group.Count);
                await CommitGroupAsync(group);
            }
        }
        finally
        {
            pumping = false;
        }
    }

    private List<Waiting> TakeGroup()
    {
        var group = new List<Waiting>(Math.Min(queue.Count, limits.MaxGroupRequests));
        long bytes = 0;
        while (queue.TryPeek(out Waiting? next) && group.Count < limits.MaxGroupRequests && (group.Count == 0 || bytes + next.SizeBytes <= limits.MaxGroupBytes))
        {
            queue.Dequeue();
            bytes += next.SizeBytes;
            urgent -= next.MustNotWait ? 1 : 0;
            group.Add(next);
        }

        return group;
    }

    private async Task CommitGroupAsync(List<Waiting> group)
    {
        CommitOutcome outcome;
        if (ended is { } status)
        {
            outcome = new CommitOutcome(status == AppendStatus.Fenced ? CommitStatus.Fenced : CommitStatus.Failed, head, [], "this writer has ended");
        }
        else
        {
            try
            {
                outcome = await writer.CommitAsync(head, group.ConvertAll(w => w.Append), CancellationToken.None);
            }
            catch (Exception e)
            {
                // A commit that threw may or may not have happened: nobody is told yes, and the next activation reads the head back.
                outcome = new CommitOutcome(CommitStatus.Failed, head, [], e.Message);
            }
        }

        foreach (Waiting waiting in group)
        {
            queuedBytes -= waiting.SizeBytes;
        }

        if (outcome.Status == CommitStatus.Committed)
        {
            slowdown.Appended(outcome.Head.Size, StoredBytes(group, outcome));
            head = outcome.Head;
            instruments.Committed(group.Count, outcome);
            for (int i = 0; i < group.Count; i++)
            {
                group[i].Done.SetResult(Answer(outcome.Results[i]));
            }

            return;
        }

        AppendStatus refusal = outcome.Status switch
        {
            CommitStatus.Fenced => AppendStatus.Fenced,
            CommitStatus.Full => AppendStatus.StorageFull,
            CommitStatus.Busy => AppendStatus.Overloaded,
            _ => AppendStatus.StorageFailed,
        };
        // Full and busy wrote nothing and say so: the head still holds, and the next group may succeed.
        if (refusal is not (AppendStatus.StorageFull or AppendStatus.Overloaded))
        {
            ended = refusal;
        }

        instruments.Refused(refusal, group.Count);
        foreach (Waiting waiting in group)
        {
            waiting.Done.SetResult(Refusal(refusal, outcome.Detail));
        }
    }

    private static long StoredBytes(List<Waiting> group, CommitOutcome outcome)
    {
        long bytes = 0;
        for (int i = 0; i < group.Count; i++)
        {
            bytes += outcome.Results[i].Kind == CommittedKind.Stored ? group[i].SizeBytes : 0;
        }

        return bytes;
    }

    private static AppendResult Answer(CommittedAppend append) => new(
        append.Kind switch
        {
            CommittedKind.Stored => AppendStatus.Accepted,
            CommittedKind.Repeated => AppendStatus.Repeated,
            _ => AppendStatus.IdsKnown,
        },
        append.FirstSeq, append.LastSeq, append.Answer,
        append.Known.IsDefaultOrEmpty ? [] : [.. append.Known.Select(k => new KnownIdMessage(k.Index, k.SameContent))],
        null);

    private static AppendResult Refusal(AppendStatus status, string? detail) => new(status, -1, -1, default, ImmutableArray<KnownIdMessage>.Empty, detail);

    private sealed record Waiting(PendingAppend Append, long SizeBytes, bool MustNotWait, TaskCompletionSource<AppendResult> Done);
}
