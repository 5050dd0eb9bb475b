using Muniment.Delivery.Batches;
using Muniment.Delivery.Outcomes;

namespace Muniment.Delivery.Kinds.OtlpHttp;

/// <summary>
/// INTERNAL, UNKNOWN and HTTP 500 are permanent by OTLP's specification, because a collector says them about records that its pipeline refuses for good; receivers that are
/// unwell say them too. So the same records are sent some times, and then the receiver is asked whether it is well, with an empty request, which it answers with success. When
/// it is, the records go in halves (nothing is given up by that), and one that is refused alone again and again, by a receiver that is well, is the bad one. Thread-safe.
/// </summary>
internal sealed class RecordDoubt
{
    /// <summary>Answers to the same records before they are doubted.</summary>
    public const int AnswersTogether = 5;

    /// <summary>Answers to one record alone before it is given up, when nothing else speaks against it.</summary>
    public const int AnswersAlone = 10;

    /// <summary>Answers to one record to which halves have led.</summary>
    public const int AnswersFound = 3;

    private const int MaxCounted = 64; // more than requests can be under way; what never came back is forgotten with the rest

    private readonly Lock _lock = new();
    private readonly Dictionary<(string First, int Count, byte Group), int> _answers = [];
    private bool _narrowing; // a search for a bad record is under way: its halves need no patience of their own

    /// <summary>Any other answer than those three; it says nothing about the records.</summary>
    public DeliveryOutcome Other(BatchSlice slice, DeliveryOutcome outcome)
    {
        lock (_lock)
        {
            _answers.Remove(KeyOf(slice));
            _narrowing &= outcome.Kind != OutcomeKind.RetryLater;
        }

        return outcome;
    }

    /// <summary>One of the three.</summary>
    /// <param name="slice">What was sent.</param>
    /// <param name="later">The answer, as one to retry.</param>
    /// <param name="isWellAsync">Sends an empty request; true when it was taken.</param>
    public async Task<DeliveryOutcome> JudgeAsync(BatchSlice slice, DeliveryOutcome later, Func<Task<bool>> isWellAsync)
    {
        bool alone = slice.Count == 1;
        bool narrowing;
        lock (_lock)
        {
            (string, int, byte) key = KeyOf(slice);
            if (_answers.Count >= MaxCounted)
            {
                _answers.Clear();
            }

            int answers = _answers[key] = _answers.GetValueOrDefault(key) + 1;
            narrowing = _narrowing;
            if (answers < (narrowing ? alone ? AnswersFound : 1 : alone ? AnswersAlone : AnswersTogether))
            {
                return later;
            }
        }

        if ((alone || !narrowing) && !await isWellAsync().ConfigureAwait(false))
        {
            return later;
        }

        lock (_lock)
        {
            _answers.Remove(KeyOf(slice));
            _narrowing = !alone;
        }

        return DeliveryOutcome.BadRecord(later.Message, status: later.Status);
    }

    private static (string, int, byte) KeyOf(BatchSlice slice) => (slice[0].Id, slice.Count, slice.Group);
}
