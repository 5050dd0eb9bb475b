using Muniment.Events.Canonical;
using Muniment.Gateway.Deciding.Records;
using Muniment.Gateway.Ingest.Json;

namespace Muniment.Gateway.Tests.Deciding.Records;

/// <summary>What goes together, what waits and what does not.</summary>
public sealed class RecordQueueTests
{
    private readonly TimerTime _time = new();
    private readonly List<(List<PendingRecord> Records, TaskCompletionSource Answer)> _appends = [];
    private readonly RecordQueue _queue;
    private Action? _onAppend;

    public RecordQueueTests() => _queue = new RecordQueue(
        records =>
        {
            var answer = new TaskCompletionSource();
            _appends.Add((records, answer));
            _onAppend?.Invoke();
            return answer.Task;
        },
        _time);

    [Fact]
    public void WhoComesAloneGoesAtOnce()
    {
        for (int i = 1; i <= 5; i++)
        {
            Add(1);
            Assert.Equal(i, _appends.Count);
            _appends[^1].Answer.SetResult();
        }
    }

    [Fact]
    public void WhatComesMeanwhileGoesTogetherAndInOrder()
    {
        Add(1);
        PendingRecord[] meanwhile = Add(3);
        Assert.Single(_appends);
        _appends[0].Answer.SetResult();
        Assert.Equal(meanwhile, _appends[1].Records);
        _appends[1].Answer.SetResult();
        Add(1); // three are no company
        Assert.Equal(3, _appends.Count);
    }

    [Fact]
    public void AsManyAsLatelyAreWaitedForButNotLong()
    {
        Together(6);
        Add(5);
        Assert.Equal(2, _appends.Count);
        Add(1);
        Assert.Equal(6, _appends[2].Records.Count);
        _appends[2].Answer.SetResult();

        Add(2);
        Assert.Equal(3, _appends.Count);
        _time.Advance(TimeSpan.FromMilliseconds(RecordQueue.MaxWaitMs));
        Assert.Equal(2, _appends[3].Records.Count);
        _appends[3].Answer.SetResult();
        Add(1);
        Assert.Equal(5, _appends.Count);
    }

    [Fact]
    public void AfterAPauseNobodyIsWaitedFor()
    {
        Together(6);
        _time.Advance(TimeSpan.FromSeconds(1));
        Add(1);
        Assert.Equal(3, _appends.Count);
    }

    [Fact]
    public void OneMoreIsTriedNowAndThen()
    {
        Together(6);
        int most = 6;
        for (int i = 0; i < 12; i++)
        {
            int before = _appends.Count;
            for (int added = 0; _appends.Count == before; added++)
            {
                Add(1);
                most = Math.Max(most, added + 1);
            }

            _appends[^1].Answer.SetResult();
        }

        Assert.InRange(most, 8, 12);
    }

    [Fact]
    public void AnAppendThatHangsDoesNotHoldUpTheOthers()
    {
        Add(1);
        Add(1);
        Assert.Single(_appends);
        _time.Advance(TimeSpan.FromMilliseconds(RecordQueue.PatienceMs - 1));
        Assert.Single(_appends);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(2, _appends.Count); // nobody came, and nothing ended
        _appends[1].Answer.SetResult();
        Add(1);
        Assert.Equal(3, _appends.Count);
        _appends[0].Answer.SetResult();
        _appends[2].Answer.SetResult();
        Add(1);
        Assert.Equal(4, _appends.Count);
    }

    [Fact]
    public void EachAppendThatHangsIsWaitedForFromItsOwnBeginning()
    {
        Add(1);
        for (int hanging = 1; hanging < RecordQueue.MaxAppends; hanging++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(RecordQueue.PatienceMs / 2));
            Add(1);
            Assert.Equal(hanging, _appends.Count);
            _time.Advance(TimeSpan.FromMilliseconds(RecordQueue.PatienceMs / 2));
            Assert.Equal(hanging + 1, _appends.Count);
        }
    }

    [Fact]
    public void WhatTheYoungestHeldUpGoesWhenOnlyAnOlderOneHangs()
    {
        Add(1);
        _time.Advance(TimeSpan.FromMilliseconds(50));
        Add(RecordQueue.MaxRecords); // full: goes beside the first at once
        Assert.Equal(2, _appends.Count);
        Add(1);
        _appends[1].Answer.SetResult();
        Assert.Equal(2, _appends.Count);
        _time.Advance(TimeSpan.FromMilliseconds(50));
        Assert.Equal(3, _appends.Count);
    }

    [Fact]
    public void NothingOfTheRequestThatBeganAnAppendGoesOnWithTheQueue()
    {
        var request = new AsyncLocal<string?>();
        request.Value = "one";
        Together(6);
        Add(1); // waits for company
        Add(1);
        request.Value = null;
        _time.Advance(TimeSpan.FromMilliseconds(RecordQueue.MaxWaitMs));
        request.Value = "two";
        Add(1);
        request.Value = null;
        string? seen = "nothing";
        _onAppend = () => seen = request.Value;
        _appends[^1].Answer.SetResult();
        Assert.Null(seen);
        Assert.True(_time.Timers > 1);
        Assert.Equal(0, _time.TimersWithContext);
    }

    [Fact]
    public void AnAnswerGoesRightBehindItsRequestOrNotAtAll()
    {
        Add(1);
        PendingRecord[] waiting = Add(2);
        PendingRecord answer = Record();
        Assert.True(_queue.TryJoin(waiting[0], answer));
        Assert.False(_queue.TryJoin(waiting[0], Record()));
        _appends[0].Answer.SetResult();
        Assert.Equal([waiting[0], answer, waiting[1]], _appends[1].Records);
        Assert.False(_queue.TryJoin(waiting[1], Record()));
    }

    [Fact]
    public void WhatBelongsTogetherIsNotDividedByALimit()
    {
        Add(1);
        PendingRecord[] waiting = Add(RecordQueue.MaxRecords - 1);
        PendingRecord answer = Record();
        Assert.True(_queue.TryJoin(waiting[^1], answer));
        Assert.Equal(RecordQueue.MaxRecords, _appends[1].Records.Count);
        Assert.Equal(answer, _appends[1].Records[^1]);
    }

    [Fact]
    public void AppendsAreBoundedInNumberAndSize()
    {
        for (int i = 0; i < 2 * RecordQueue.MaxAppends; i++)
        {
            Add(1);
            _time.Advance(TimeSpan.FromMilliseconds(RecordQueue.PatienceMs));
        }

        Assert.Equal(RecordQueue.MaxAppends, _appends.Count);
        Add(RecordQueue.MaxRecords + 10);
        _appends[0].Answer.SetResult();
        Assert.Equal(RecordQueue.MaxRecords, _appends[^1].Records.Count);
    }

    [Fact]
    public void TooManyAreRefused()
    {
        Add(1);
        int taken = 0;
        for (int i = 0; i < RecordQueue.MaxAppends; i++)
        {
            Add(1);
            _time.Advance(TimeSpan.FromMilliseconds(RecordQueue.PatienceMs));
        }

        while (taken <= RecordQueue.MaxWaiting && _queue.TryAdd(Record()))
        {
            taken++;
        }

        Assert.InRange(taken, RecordQueue.MaxWaiting - RecordQueue.MaxAppends - 1, RecordQueue.MaxWaiting);
    }

    [Fact]
    public void ThereIsNoRoomBehindARequestEitherWhenTooManyWait()
    {
        for (int i = 0; i < RecordQueue.MaxAppends; i++)
        {
            Add(1);
            _time.Advance(TimeSpan.FromMilliseconds(RecordQueue.PatienceMs));
        }

        PendingRecord[] waiting = Add(RecordQueue.MaxWaiting - 1);
        PendingRecord answer = Record();
        Assert.True(_queue.TryJoin(waiting[0], answer));
        Assert.False(_queue.TryJoin(waiting[1], Record()));
        _appends[0].Answer.SetResult();
        Assert.Equal(answer, _appends[^1].Records[1]);
        Assert.True(_queue.TryJoin(waiting[^1], Record()));
    }

    [Fact]
    public void NorWhenTooManyBytesWait()
    {
        for (int i = 0; i < RecordQueue.MaxAppends; i++)
        {
            Add(1);
            _time.Advance(TimeSpan.FromMilliseconds(RecordQueue.PatienceMs));
        }

        PendingRecord first = Add(1)[0];
        PendingRecord large = Record(sizeBytes: 1 << 20);
        while (_queue.TryAdd(large))
        {
            // The same one again and again: only its size counts here.
        }

        Assert.False(_queue.TryJoin(first, large));
        Assert.True(_queue.TryJoin(first, Record()));
    }

    // One alone, and the rest while it is under way.
    private void Together(int records)
    {
        Add(1);
        Add(records);
        _appends[0].Answer.SetResult();
        Assert.Equal(records, _appends[1].Records.Count);
        _appends[1].Answer.SetResult();
    }

    private PendingRecord[] Add(int count)
    {
        PendingRecord[] records = [.. Enumerable.Range(0, count).Select(_ => Record())];
        Assert.All(records, record => Assert.True(_queue.TryAdd(record)));
        return records;
    }

    private static PendingRecord Record(int sizeBytes = 0)
    {
        RecordBuffer buffer = RecordBuffer.Take();
        buffer.Json.WriteStartObject();
        if (sizeBytes > 0)
        {
            buffer.Json.WritePropertyName("a");
            buffer.Json.WriteRawValue(new string('1', sizeBytes), skipInputValidation: true);
        }

        buffer.Json.WriteEndObject();
        buffer.Finish();
        var record = new PendingRecord(buffer, new EnvelopeBytes(new Envelope { Stream = "decision", Receiver = "llm" }));
        buffer.GiveBack();
        return record;
    }
}
