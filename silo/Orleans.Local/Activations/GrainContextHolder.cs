using Orleans.Runtime;

namespace Orleans.Local.Activations;

/// <summary>Lets a service of an activation's scope ask for its <see cref="IGrainContext"/>.</summary>
internal sealed class GrainContextHolder
{
    public IGrainContext? Context { get; set; }
}
