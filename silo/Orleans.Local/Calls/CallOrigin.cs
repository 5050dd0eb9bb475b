using Orleans.Local.Silos;

namespace Orleans.Local.Calls;

/// <summary>Where calls through a reference come from.</summary>
/// <param name="Cluster">Finds the activation.</param>
/// <param name="Silo">The caller's silo, or null for a client outside the silos.</param>
/// <param name="ResponseTimeout">How long to wait where a method does not say otherwise.</param>
/// <param name="PropagatesActivity">True: the callee gets an activity whose parent is the caller's.</param>
internal sealed record CallOrigin(LocalCluster Cluster, LocalSilo? Silo, TimeSpan ResponseTimeout, bool PropagatesActivity);
