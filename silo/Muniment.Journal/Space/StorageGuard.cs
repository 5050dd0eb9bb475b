using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;
using Muniment.Journal.Durability;

namespace Muniment.Journal.Space;

/// <summary>
/// Keeps <c>journal.reserve</c>, a file of preallocated bytes, for the moment when the disk is full: it is given up, so that decisions, admin changes and
/// checkpoints can go on, and made again when there is space beyond the low-water mark. Thread-safe.
/// </summary>
internal sealed partial class StorageGuard : IStorageGuard
{
    private static readonly TimeSpan s_fresh = TimeSpan.FromMilliseconds(250);

    private readonly string _directory;
    private readonly string _path;
    private readonly long _lowWaterBytes;
    private readonly long _reserveBytes;
    private readonly TimeProvider _time;
    private readonly Func<string, long> _freeBytes;
    private readonly ILogger _logger;
    private readonly Lock _lock = new();
    private long _checkedAt;
    private long _free;
    private bool _low;

    public StorageGuard(string directory, long lowWaterBytes, long reserveBytes, TimeProvider time, ILogger logger, Func<string, long>? freeBytes = null)
    {
        _directory = directory;
        _path = Path.Combine(directory, "journal.reserve");
        _lowWaterBytes = lowWaterBytes;
        _reserveBytes = reserveBytes;
        _time = time;
        _logger = logger;
        _freeBytes = freeBytes ?? (path => new DriveInfo(path).AvailableFreeSpace);
        HasReserve = reserveBytes == 0 || (File.Exists(_path) && new FileInfo(_path).Length == reserveBytes);
        lock (_lock)
        {
            Check_NeedsLock();
        }
    }

    public bool HasReserve { get; private set; }

    public StorageSpace Space
    {
        get
        {
            Refresh();
            return Volatile.Read(ref _low) ? StorageSpace.LowWater : StorageSpace.Normal;
        }
    }

    public long FreeBytes
    {
        get
        {
            Refresh();
            return Interlocked.Read(ref _free);
        }
    }

    /// <summary>The database found no space: gives the reserve up. From now on only what has priority is taken until space returns.</summary>
    public void GiveUpReserve()
    {
        lock (_lock)
        {
            _low = true;
            _checkedAt = _time.GetTimestamp();
            if (_reserveBytes > 0 && HasReserve)
            {
                File.Delete(_path);
                HasReserve = false;
                LogGivenUp(_logger, _reserveBytes);
            }
        }
    }

    private void Refresh()
    {
        if (_time.GetElapsedTime(Interlocked.Read(ref _checkedAt)) < s_fresh)
        {
            return;
        }

        lock (_lock)
        {
            if (_time.GetElapsedTime(_checkedAt) >= s_fresh)
            {
                Check_NeedsLock();
            }
        }
    }

    private void Check_NeedsLock()
    {
        _free = _freeBytes(_directory);
        Interlocked.Exchange(ref _checkedAt, _time.GetTimestamp());
        // Without its reserve the disk must first have room for it again.
        bool low = _free < _lowWaterBytes + (HasReserve ? 0 : _reserveBytes);
        if (!low && !HasReserve)
        {
            HasReserve = TryMakeReserve();
            low = !HasReserve && _free < _lowWaterBytes + _reserveBytes;
        }

        if (low != _low)
        {
            _low = low;
            if (low)
            {
                LogLow(_logger, _free, _lowWaterBytes);
            }
            else
            {
                LogNormal(_logger, _free);
            }
        }
    }

    private bool TryMakeReserve()
    {
        try
        {
            using SafeFileHandle handle = File.OpenHandle(_path, FileMode.Create, FileAccess.Write, FileShare.None, FileOptions.None, OperatingSystem.IsWindows() ? _reserveBytes : 0);
            if (!OperatingSystem.IsWindows() && Libc.Allocate((int)handle.DangerousGetHandle(), 0, _reserveBytes) != 0)
            {
                File.Delete(_path);
                return false;
            }

            return true;
        }
        catch (IOException)
        {
            File.Delete(_path);
            return false;
        }
    }

    [LoggerMessage(1010, LogLevel.Warning, "Free space {FreeBytes} is below the low-water mark {LowWaterBytes}: only decisions and admin changes are taken")]
    private static partial void LogLow(ILogger logger, long freeBytes, long lowWaterBytes);

    [LoggerMessage(1011, LogLevel.Information, "Free space {FreeBytes} is enough again: everything is taken")]
    private static partial void LogNormal(ILogger logger, long freeBytes);

    [LoggerMessage(1012, LogLevel.Error, "The disk is full: the reserve of {ReserveBytes} bytes is given up")]
    private static partial void LogGivenUp(ILogger logger, long reserveBytes);
}
