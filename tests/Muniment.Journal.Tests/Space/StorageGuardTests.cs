using Microsoft.Extensions.Logging.Abstractions;
using Muniment.Journal.Space;

namespace Muniment.Journal.Tests.Space;

public sealed class StorageGuardTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("muniment-space-").FullName;
    private readonly ManualTime _time = new();
    private long _free = 1000 << 20;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Low_water_begins_and_ends_by_itself()
    {
        StorageGuard guard = Open();
        Assert.Equal(StorageSpace.Normal, guard.Space);
        Look(free: 50 << 20);
        Assert.Equal(StorageSpace.LowWater, guard.Space);
        Assert.Equal(50 << 20, guard.FreeBytes);
        Look(free: 200 << 20);
        Assert.Equal(StorageSpace.Normal, guard.Space);
    }

    [Fact]
    public void The_reserve_is_real_space_given_up_when_full_and_made_again_with_room_to_spare()
    {
        StorageGuard guard = Open();
        string reserve = Path.Combine(_directory, "journal.reserve");
        Assert.True(guard.HasReserve);
        Assert.Equal(1 << 20, new FileInfo(reserve).Length);

        guard.GiveUpReserve();
        Assert.False(File.Exists(reserve));
        Assert.Equal(StorageSpace.LowWater, guard.Space);
        Look(free: 100 << 20); // at the mark, but without room for the reserve
        Assert.Equal(StorageSpace.LowWater, guard.Space);
        Look(free: 101 << 20);
        Assert.Equal(StorageSpace.Normal, guard.Space);
        Assert.True(File.Exists(reserve));
    }

    [Fact]
    public void An_answer_is_kept_for_a_quarter_of_a_second()
    {
        StorageGuard guard = Open();
        _free = 0;
        _time.Advance(TimeSpan.FromMilliseconds(200));
        Assert.Equal(StorageSpace.Normal, guard.Space);
        _time.Advance(TimeSpan.FromMilliseconds(100));
        Assert.Equal(StorageSpace.LowWater, guard.Space);
    }

    private StorageGuard Open() => new(_directory, 100 << 20, 1 << 20, _time, NullLogger.Instance, _ => _free);

    private void Look(long free)
    {
        _free = free;
        _time.Advance(TimeSpan.FromSeconds(1));
    }

    private sealed class ManualTime : TimeProvider
    {
        private long _ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _ticks;

        public void Advance(TimeSpan by) => _ticks += by.Ticks;
    }
}
