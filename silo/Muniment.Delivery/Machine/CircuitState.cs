using System.Numerics;

namespace Muniment.Delivery.Machine;

/// <summary>
/// Opens after <see cref="Consecutive"/> failures in a row, or when of the last <see cref="WindowSize"/> requests half failed. While it is open one request at a time goes out,
/// and the wait before it is at least that of the fifth failure in a row; the first one that is answered well closes it and begins a new window. Mutable; part of
/// <see cref="DestinationState"/>.
/// </summary>
public sealed class CircuitState
{
    /// <summary>Failures in a row that open it.</summary>
    public const int Consecutive = 5;

    /// <summary>Requests that are looked at.</summary>
    public const int WindowSize = 20;

    /// <summary>Failures within the window that open it.</summary>
    public const int WindowFailures = WindowSize / 2;

    /// <summary>Whether it is open.</summary>
    public bool Open { get; set; }

    /// <summary>How many requests are in the window.</summary>
    public int Seen { get; set; }

    /// <summary>One bit a request, the newest lowest; set when it failed.</summary>
    public uint Window { get; set; }

    /// <summary>A request failed.</summary>
    /// <param name="inARow">Failures in a row, this one included.</param>
    public void Failed(int inARow)
    {
        Add(1);
        Open |= inARow >= Consecutive || (Seen == WindowSize && BitOperations.PopCount(Window) >= WindowFailures);
    }

    /// <summary>A request was answered, well or not, by a destination that works.</summary>
    public void Worked()
    {
        if (Open)
        {
            Reset();
            return;
        }

        Add(0);
    }

    /// <summary>Forgets everything.</summary>
    public void Reset() => (Open, Seen, Window) = (false, 0, 0);

    private void Add(uint bit)
    {
        Window = ((Window << 1) | bit) & ((1u << WindowSize) - 1);
        Seen = Math.Min(Seen + 1, WindowSize);
    }
}
