using Muniment.Events;

namespace Muniment.Grains.Journal;

/// <summary>Told after each append that a log advanced. A hint only: a lost one costs latency, because every projection also sweeps.</summary>
public interface IAppendHints
{
    /// <summary>The tenant's log now has <paramref name="size"/> entries. Never blocks and never throws.</summary>
    void Advanced(TenantId tenant, long size);
}
