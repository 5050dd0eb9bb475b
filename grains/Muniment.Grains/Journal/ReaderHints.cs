using Muniment.Journal;

namespace Muniment.Grains.Journal;

/// <summary>Wakes the readers of this process that follow a tenant's log, at most once in 20 ms.</summary>
public sealed class ReaderHints(AppendSignal signal, TimeProvider time) : CoalescedHints(signal.Advanced, TimeSpan.FromMilliseconds(20), time);
