namespace Muniment.Journal.Space;

/// <summary>How much may still be written.</summary>
public enum StorageSpace
{
    /// <summary>Everything is taken.</summary>
    Normal,
    /// <summary>Free space is below <c>Storage:LowWaterBytes</c>: only decisions and admin changes are taken.</summary>
    LowWater,
}
