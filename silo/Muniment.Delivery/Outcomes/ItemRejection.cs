namespace Muniment.Delivery.Outcomes;

/// <summary>One record that the destination named as refused.</summary>
/// <param name="Index">Position in the request, from 0.</param>
/// <param name="Message">Why, in the destination's words, cleaned.</param>
public sealed record ItemRejection(int Index, string Message);
