using System.Buffers;
using System.Numerics;

namespace Muniment.Events.Blocks;

/// <summary>
/// Byte arrays that are used again: bodies, payloads, decoded blocks, batches. The shared pool of the runtime keeps large ones for each thread and rounds to powers of two, which under
/// load is more memory than all that is in use; here at most <see cref="MaxKeptBytes"/> wait to be used again, of sizes a quarter of a power of two apart. Thread-safe.
/// </summary>
public static class LargeArrays
{
    /// <summary>Bytes that are kept for later; what was not wanted for longest is let go beyond.</summary>
    public const long MaxKeptBytes = 40L << 20;

    /// <summary>The smallest size that is kept here; what fits into half of it comes from the runtime's pool.</summary>
    public const int LeastSizeBytes = 64 * 1024;

    /// <summary>Name of the switch of <see cref="AppContext"/> that overwrites arrays that are given back, so that who still reads them is found out. Tests set it.</summary>
    public const string OverwriteSwitch = "Muniment.OverwriteReturnedMemory";

    private const int LeastLog = 16;
    private const int QuartersOfPower = 4;
    private const int Shelves = (31 - LeastLog) * QuartersOfPower;

    private static readonly bool _overwrites = AppContext.TryGetSwitch(OverwriteSwitch, out bool set) && set;
    private static readonly Store _store = new();

    /// <summary>Bytes that wait now.</summary>
    public static long KeptBytes => _store.KeptBytes;

    /// <summary>An array of at least this length and of any content.</summary>
    public static byte[] Rent(int sizeBytes)
    {
        int at = ShelfOf(sizeBytes);
        if (sizeBytes <= LeastSizeBytes / 2)
        {
            return ArrayPool<byte>.Shared.Rent(sizeBytes);
        }

        return at >= Shelves ? GC.AllocateUninitializedArray<byte>(sizeBytes) : _store.Take(at) ?? GC.AllocateUninitializedArray<byte>(SizeOf(at));
    }

    /// <summary>Gives an array back that <see cref="Rent"/> gave; nobody may read or write it any more.</summary>
    public static void Return(byte[] array)
    {
        ArgumentNullException.ThrowIfNull(array);
        if (_overwrites)
        {
            array.AsSpan().Fill(0xDD);
        }

        if (array.Length < LeastSizeBytes)
        {
            if (array.Length > 0)
            {
                ArrayPool<byte>.Shared.Return(array);
            }

            return;
        }

        int at = ShelfOf(array.Length);
        if (array.Length <= MaxKeptBytes / 4 && at < Shelves && SizeOf(at) == array.Length)
        {
            _store.Put(at, array); // one larger would take the place of all others
        }
    }

    // 64, 80, 96, 112, 128, 160, … KiB.
    private static int ShelfOf(int sizeBytes)
    {
        int log = Math.Max(BitOperations.Log2((uint)Math.Max(sizeBytes - 1, 1)), LeastLog);
        int quarter = 1 << (log - 2);
        int over = Math.Max(sizeBytes - (1 << log), 0);
        return ((log - LeastLog) * QuartersOfPower) + ((over + quarter - 1) / quarter);
    }

    private static int SizeOf(int shelf)
    {
        int log = LeastLog + (shelf / QuartersOfPower);
        return (1 << log) + (shelf % QuartersOfPower * (1 << (log - 2)));
    }

    private sealed class Store
    {
        private readonly Lock _lock = new();
        private readonly Shelf[] _shelves = [.. Enumerable.Range(0, Shelves).Select(_ => new Shelf())];
        private long _keptBytes;
        private long _turn;

        public long KeptBytes => Interlocked.Read(ref _keptBytes);

        public byte[]? Take(int at)
        {
            lock (_lock)
            {
                Shelf shelf = _shelves[at];
                shelf.Wanted = ++_turn;
                if (!shelf.Arrays.TryPop(out byte[]? kept))
                {
                    return null;
                }

                _keptBytes -= kept.Length;
                return kept;
            }
        }

        public void Put(int at, byte[] array)
        {
            lock (_lock)
            {
                _shelves[at].Arrays.Push(array);
                _keptBytes += array.Length;
                while (_keptBytes > MaxKeptBytes)
                {
                    _keptBytes -= _shelves.Where(shelf => shelf.Arrays.Count > 0).MinBy(shelf => shelf.Wanted)!.Arrays.Pop().Length;
                }
            }
        }
    }

    private sealed class Shelf
    {
        public Stack<byte[]> Arrays { get; } = new();

        public long Wanted { get; set; }
    }
}
