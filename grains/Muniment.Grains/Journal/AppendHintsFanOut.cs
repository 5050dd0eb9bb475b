using System.Collections.Immutable;
using Muniment.Events;

namespace Muniment.Grains.Journal;

/// <summary>Tells everybody who wants to hear of appends.</summary>
public sealed class AppendHintsFanOut(ImmutableArray<IAppendHints> listeners) : IAppendHints
{
    /// <inheritdoc/>
    public void Advanced(TenantId tenant, long size)
    {
        foreach (IAppendHints listener in listeners)
        {
            listener.Advanced(tenant, size);
        }
    }
}
