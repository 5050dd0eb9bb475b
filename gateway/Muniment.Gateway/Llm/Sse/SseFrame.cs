namespace Muniment.Gateway.Llm.Sse;

/// <summary>One server-sent event. Its memory is void after the next call of the reader.</summary>
/// <param name="Raw">All bytes of the frame with its closing blank line.</param>
/// <param name="Event">Value of the <c>event</c> field; empty when there is none.</param>
/// <param name="Data">Values of the <c>data</c> fields, joined with line feeds; empty when there are none.</param>
/// <param name="HasData">Whether there was a <c>data</c> field: a frame without one is a comment or a stray field, which clients ignore.</param>
internal readonly record struct SseFrame(ReadOnlyMemory<byte> Raw, ReadOnlyMemory<byte> Event, ReadOnlyMemory<byte> Data, bool HasData);
