namespace Muniment.Policy.Predicates.Matching;

/// <summary>Three-valued (Kleene) logic: what cannot be read is neither true nor false, so <c>not</c> of it is not true either.</summary>
internal enum Truth : byte
{
    False,
    Unknown,
    True,
}

/// <summary>Short cuts of <see cref="Truth"/>.</summary>
internal static class Truths
{
    public static Truth Of(bool value) => value ? Truth.True : Truth.False;

    public static Truth Not(Truth value) => (Truth)(Truth.True - value);
}
