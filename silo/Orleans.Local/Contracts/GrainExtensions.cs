using System.Globalization;
using Orleans.Local.Activations;
using Orleans.Local.Calls;
using Orleans.Runtime;

namespace Orleans;

/// <summary>What can be asked of a grain or of a reference to one.</summary>
public static class GrainExtensions
{
    /// <summary>The identity.</summary>
    public static GrainId GetGrainId(this IAddressable grain) => grain switch
    {
        GrainProxy reference => reference.GrainId,
        IGrainBase { GrainContext: { } context } => context.GrainId,
        _ => throw new ArgumentException($"{grain?.GetType().ToString() ?? "null"} is neither a grain reference nor an activated grain.", nameof(grain)),
    };

    /// <summary>The string key.</summary>
    public static string GetPrimaryKeyString(this IAddressable grain) => grain.GetGrainId().Key.ToString()!;

    /// <summary>The integer key.</summary>
    public static long GetPrimaryKeyLong(this IAddressable grain) => long.Parse(grain.GetPrimaryKeyString(), NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    /// <summary>A reference to this grain, fit to be handed to others.</summary>
    public static TGrainInterface AsReference<TGrainInterface>(this IAddressable grain) => grain switch
    {
        GrainProxy reference => (TGrainInterface)reference.As(typeof(TGrainInterface)),
        IGrainBase activated => (TGrainInterface)Activation.Of(activated).Silo.GrainFactory.GetGrain(typeof(TGrainInterface), grain.GetGrainId()),
        _ => throw new ArgumentException($"{grain?.GetType().ToString() ?? "null"} is neither a grain reference nor a grain.", nameof(grain)),
    };

    /// <summary>The same reference seen through another interface.</summary>
    public static TGrainInterface Cast<TGrainInterface>(this IAddressable grain) => grain.AsReference<TGrainInterface>();
}
